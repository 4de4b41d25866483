import { get, path } from "@/api";
import type { AchievementJson, ProgressJson } from "@/contracts/ticketonomics/progression/v1/progress_pb";
import type { GetProgressResponseJson, ListAchievementsResponseJson } from "@/contracts/ticketonomics/progression/v1/progression_service_pb";
import { useResource, type Resource } from "@/resources";

/** What a person has done. */
export function useProgress(personId: string): Resource<ProgressJson> {
  return useResource(personId ? `progress ${personId}` : null, async (signal) =>
    (await get<GetProgressResponseJson>(path`/v1/progress/${personId}`, {}, { signal })).progress ?? {});
}

/** All achievements that there are. */
export function useAchievements(): Resource<AchievementJson[]> {
  return useResource("achievements", async (signal) =>
    (await get<ListAchievementsResponseJson>("/v1/achievements", { pageSize: 1000 }, { signal })).achievements ?? [], { lasting: true });
}

/** How far a count has come that an achievement looks at. */
export function countOf(progress: ProgressJson, counter: string): number {
  if (counter === "streak") return progress.longestStreakDays ?? 0;
  if (counter === "experience") return Number(progress.experience ?? 0);
  return Number((progress.deeds ?? []).find(({ deed }) => deed === counter)?.count ?? 0);
}
