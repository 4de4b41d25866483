import type { JSX } from "preact";
import { ButtonLink, Card, Facts, Loaded, Meter } from "@/components";
import type { ProgressJson } from "@/contracts/ticketonomics/progression/v1/progress_pb";
import { formatDate, formatInteger, t } from "@/i18n";
import { useProgress } from "@/progress";

/** Level, experience, reputation, streak. */
export function Level({ personId }: { personId: string }): JSX.Element {
  const progress = useProgress(personId);
  return (
    <Card ticket title={t("profile-level-title")} actions={<ButtonLink href="/leaderboards" kind="quiet" size="small">{t("nav-leaderboards")}</ButtonLink>}>
      <Loaded resource={progress} lines={6}>{(found) => <LevelFacts progress={found} />}</Loaded>
    </Card>
  );
}

function LevelFacts({ progress }: { progress: ProgressJson }): JSX.Element {
  const [level, experience, ahead] = [progress.level ?? 1, progress.experience ?? 0, progress.experienceToNextLevel ?? 0].map(Number) as [number, number, number];
  const reputation = progress.reputation ?? {};
  return (
    <>
      <div class="level">
        <span class="level-number" aria-label={t("profile-level", { level })}>{formatInteger(level)}</span>
        <div class="level-way">
          <strong>{t("profile-experience", { experience: formatInteger(experience) })}</strong>
          <Meter value={experience} most={experience + ahead} label={t("profile-level-title")} text={t("profile-to-next", { experience: formatInteger(ahead) })} />
          <small>{t("profile-to-next", { experience: formatInteger(ahead) })}</small>
        </div>
      </div>
      <Facts
        facts={[
          [t("profile-month"), formatInteger(Number(progress.monthExperience ?? 0))],
          [t("profile-streak"), t("profile-days", { days: progress.streakDays ?? 0 })],
          [t("profile-longest"), t("profile-days", { days: progress.longestStreakDays ?? 0 })],
          [t("profile-reputation"), formatInteger(Number(reputation.score ?? 0))],
          [t("profile-active"), t("profile-days", { days: reputation.activeDays ?? 0 })],
          progress.firstDay ? [t("profile-first"), formatDate(new Date(`${progress.firstDay}T12:00:00Z`))] : null,
        ]}
      />
    </>
  );
}
