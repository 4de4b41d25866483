/** Small pieces that several pages of the queues show. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { Amount, assetName, Countdown, Meter, TierBadge } from "@/components";
import { useNow } from "@/clock";
import { formatInteger, t } from "@/i18n";
import { formatSpan } from "@/spans";
import { fullness, oneIn, secondsUntil } from "./odds";
import type { RoundJson } from "./types";

/** The address of a queue. */
export function queuePath(tier: string | undefined, size: string | undefined): string {
  return `/queues/${tier ?? ""}/${(size ?? "").toUpperCase()}`;
}

export function sizeName(size: string | undefined): string {
  return size ? t(`queues-size-${size.toLowerCase()}`) : "";
}

export function QueueName({ tier, size }: { tier: string | undefined; size: string | undefined }): JSX.Element {
  return (
    <span class="queue-name">
      <TierBadge tier={tier ?? ""} /> {sizeName(size)}
    </span>
  );
}

/** How full a round is, in a bar and in numbers. */
export function Filling({ round }: { round: RoundJson }): JSX.Element {
  const [players, places] = [round.players ?? 0, round.places ?? 0];
  return (
    <div class="filling" data-tier={round.tier} data-nearly={fullness(round) >= 0.8 || undefined}>
      <Meter value={players} most={places} label={t("queues-filling")} text={t("queues-of", { players, places })} />
      <span class="filling-text" aria-hidden="true">{formatInteger(players)} / {formatInteger(places)}</span>
    </div>
  );
}

/** What is staked, for what, with which odds. */
export function Bargain({ round }: { round: RoundJson }): JSX.Element {
  return (
    <span class="bargain">
      <Amount value={round.stake} asset={round.tier ?? ""} style={{ trimmed: true }} />
      <span aria-hidden="true">→</span>
      <Amount value={round.reward} asset={round.rewardTier ?? ""} style={{ trimmed: true }} />
      <span class="soft">{t("queues-one-in", { count: oneIn(round), shown: formatInteger(oneIn(round)) })}</span>
    </span>
  );
}

/** The odds, and what there is to win. */
export function Prize({ round }: { round: RoundJson }): JSX.Element {
  return (
    <span class="bargain">
      <span class="soft">{t("queues-one-in", { count: oneIn(round), shown: formatInteger(oneIn(round)) })}</span>
      <span aria-hidden="true">→</span>
      <Amount value={round.reward} asset={round.rewardTier ?? ""} style={{ trimmed: true }} />
    </span>
  );
}

/** When a round is expected to fill, and when it gives the stakes back otherwise. */
export function Waiting({ round }: { round: RoundJson }): JSX.Element {
  const now = useNow(5_000);
  if (round.state !== "STATE_WAITING") return <span class="waiting">{t("queues-drawing")}</span>;
  // An empty round just goes on: there is nothing to give back.
  if (!round.players) return <span class="waiting soft">{t("queues-nobody")}</span>;
  const fills = secondsUntil(round.estimatedFillTime, Math.max(now, Date.now()));
  return (
    <span class="waiting">
      {fills !== undefined && <span>{fills > 0 ? t("queues-fills-in", { span: formatSpan(fills) }) : t("queues-fills-soon")}</span>}
      <span class="soft">{t("queues-expires")} <Countdown to={round.expireTime} /></span>
    </span>
  );
}

/** What became of a round, in a line that leads to its page. */
export function RoundLine({ round, me }: { round: RoundJson; me: string }): JSX.Element {
  const won = round.state === "STATE_FINISHED" && round.winnerPersonId === me;
  return (
    <Link href={`/rounds/${round.roundId}`} className="item">
      <span>
        <QueueName tier={round.tier} size={round.size} />
      </span>
      <span class="item-end"><StateBadge round={round} me={me} /></span>
      <span class="item-note">
        № {formatInteger(BigInt(round.number ?? "0"))} · {won ? <>{t("queues-you-got")} <Amount value={round.reward} asset={round.rewardTier ?? ""} /></> : t("queues-of", { players: round.players ?? 0, places: round.places ?? 0 })}
      </span>
    </Link>
  );
}

/** Where a round stands, from the view of somebody who was in it, or of anybody. */
export function StateBadge({ round, me }: { round: RoundJson; me?: string }): JSX.Element {
  if (round.state === "STATE_FINISHED" && me)
    return round.winnerPersonId === me ? <span class="badge badge-good">{t("queues-won")}</span> : <span class="badge">{t("queues-lost")}</span>;
  const id = (round.state ?? "STATE_UNSPECIFIED").replace("STATE_", "").toLowerCase().replace("_", "-");
  return <span class={`badge ${round.state === "STATE_EXPIRED" ? "badge-warn" : ""}`}>{t(`queues-state-${id}`)}</span>;
}

export function tierLine(tier: string, above: string | undefined): string {
  return above ? t("queues-tier-line", { tier: assetName(tier), above: assetName(above) }) : assetName(tier);
}
