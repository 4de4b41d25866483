import type { JSX } from "preact";
import { Card, Loaded, Meter, Time } from "@/components";
import type { AchievementJson, EarnedAchievementJson, ProgressJson } from "@/contracts/ticketonomics/progression/v1/progress_pb";
import { formatInteger, has, t } from "@/i18n";
import { countOf, useAchievements, useProgress } from "@/progress";

/** What was earned, and how far it is to the rest. */
export function Achievements({ personId }: { personId: string }): JSX.Element {
  const progress = useProgress(personId);
  const all = useAchievements();
  return (
    <Card title={t("profile-achievements")}>
      <Loaded resource={all} lines={6}>
        {(achievements) => (
          <Loaded resource={progress} lines={6}>
            {(found) => {
              const earned = new Map((found.achievements ?? []).map((one) => [one.achievementId, one]));
              const ordered = [...achievements].sort((a, b) => Number(earned.has(b.achievementId)) - Number(earned.has(a.achievementId)));
              return (
                <ul class="achievements">
                  {ordered.map((one) => <Line key={one.achievementId} achievement={one} earned={earned.get(one.achievementId)} progress={found} />)}
                </ul>
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </Card>
  );
}

function Line({ achievement, earned, progress }: { achievement: AchievementJson; earned: EarnedAchievementJson | undefined; progress: ProgressJson }): JSX.Element {
  const { achievementId = "", name = "", description = "" } = achievement;
  const least = Number(achievement.least ?? 1);
  const count = Math.min(least, countOf(progress, achievement.counter ?? ""));
  const id = `achievement-${achievementId.replaceAll("_", "-")}`;
  return (
    <li class={earned ? "achievement achievement-earned" : "achievement"}>
      <span class="achievement-seal" aria-hidden="true">{earned ? "★" : "☆"}</span>
      <span class="achievement-text">
        <strong>{has(id) ? t(id) : name}</strong>
        <small>{has(`${id}-how`) ? t(`${id}-how`) : description}</small>
        {earned ? (
          <small class="good"><Time at={earned.earnTime} full /></small>
        ) : (
          <>
            <Meter value={count} most={least} label={name} text={`${count} / ${least}`} />
            <small>{formatInteger(count)} / {formatInteger(least)}</small>
          </>
        )}
      </span>
    </li>
  );
}
