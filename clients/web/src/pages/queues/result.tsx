import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Amount, Button, ButtonLink, PersonName, Sheet } from "@/components";
import { formatInteger, t } from "@/i18n";
import { haptic } from "@/telegram";
import type { Outcome } from "./board";
import { oneIn } from "./odds";
import { QueueName } from "./showing";

/** The moment in which a round ends for somebody who was in it: told once, without fuss. */
export function ResultSheet({ outcome, onClose }: { outcome: Outcome; onClose: () => void }): JSX.Element {
  const { round, kind } = outcome;
  useEffect(() => haptic(kind === "won" ? "success" : "warning"), [round.roundId]);
  return (
    <Sheet title={t(`queues-result-${kind}-title`)} onClose={onClose}>
      <div class={`outcome result result-${kind}`} role="status" data-tier={kind === "won" ? round.rewardTier : round.tier}>
        <div class="result-ticket" aria-hidden="true">{kind === "won" ? "★" : kind === "lost" ? "✕" : "↩"}</div>
        {kind === "won" && <p class="outcome-line">{t("queues-you-got")} <strong><Amount value={round.reward} asset={round.rewardTier ?? ""} /></strong></p>}
        {kind === "lost" && <p class="outcome-line"><PersonName personId={round.winnerPersonId} plain /> {t("queues-has-won")} <Amount value={round.reward} asset={round.rewardTier ?? ""} /></p>}
        {kind === "refunded" && <p class="outcome-line">{t("queues-stake-back")}: <Amount value={round.stake} asset={round.tier ?? ""} /></p>}
        <p class="soft">
          <QueueName tier={round.tier} size={round.size} /> {t(`queues-result-${kind}`, { count: oneIn(round), shown: formatInteger(oneIn(round)) })}
        </p>
      </div>
      <div class="sheet-actions">
        {kind !== "refunded" && <ButtonLink href={`/rounds/${round.roundId}`}>{t("queues-verify")}</ButtonLink>}
        <Button kind="primary" onClick={onClose}>{t("close")}</Button>
      </div>
    </Sheet>
  );
}
