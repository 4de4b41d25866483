import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { isTier } from "@/assets";
import { Amount, assetName, ButtonLink, Card, EmptyState, Facts, List, Loaded, Page, PersonName, Skeleton } from "@/components";
import { formatInteger, t } from "@/i18n";
import { me, myAccount } from "@/session";
import { formatSpan, secondsOf } from "@/spans";
import { lastFinished, runningRound } from "./board";
import { Seating } from "./board_page";
import { tierAbove, winsInGroups } from "./odds";
import { usePlaying } from "./playing";
import "./queues.css";
import { useBoard, useEntries, usePurse, useQueueStatistics, useRounds } from "./reading";
import { ResultSheet } from "./result";
import { Bargain, Filling, queuePath, RoundLine, sizeName, tierLine, Waiting } from "./showing";
import { SIZES, type QueueStatisticsJson, type RoundJson } from "./types";

/** One queue: its round, who is in it, how it goes, and what was before. */
export function QueuePage({ tier: askedTier, size: askedSize }: { tier: string; size: string }): JSX.Element {
  const [tier, size] = [askedTier.toUpperCase(), askedSize.toLowerCase()];
  const myId = me.value?.personId ?? "";
  if (!isTier(tier) || tierAbove(tier) === undefined || !(SIZES as readonly string[]).includes(size))
    return (
      <Page title={t("queues-title")}>
        <EmptyState title={t("queues-unknown")} action={<ButtonLink href="/queues" kind="primary">{t("queues-all")}</ButtonLink>} />
      </Page>
    );
  return (
    <Page title={`${assetName(tier)} · ${sizeName(size)}`} lead={<Link href="/queues">{t("queues-all")}</Link>}>
      <nav class="row" aria-label={t("queues-sizes")}>
        {SIZES.map((other) => (
          <Link key={other} href={queuePath(tier, other)} className="choice-option size-link" aria-current={other === size ? "page" : undefined}>{sizeName(other)}</Link>
        ))}
      </nav>
      <Queue key={`${tier}/${size}/${myId}`} tier={tier} size={size} myId={myId} />
    </Page>
  );
}

function Queue({ tier, size, myId }: { tier: string; size: string; myId: string }): JSX.Element {
  const live = useBoard(myId, { tier, size });
  const playing = usePlaying(live);
  const purse = usePurse(myAccount.value).data;
  const seat = runningRound(live.board, tier, size);
  const last = lastFinished(live.board, tier, size)?.round;
  return (
    <div class="queue-grid">
      <Card ticket title={<span data-tier={tier} class="tier-title">{tierLine(tier, tierAbove(tier))}</span>}>
        {!live.known && <Skeleton lines={4} />}
        {live.known && !seat && <EmptyState title={t("queues-opening")} hint={t("queues-opening-hint")} />}
        {seat && (
          <div class="stack">
            <Bargain round={seat.round} />
            <Filling round={seat.round} />
            <Waiting round={seat.round} />
            {seat.position > 0 && <p>{t("queues-you-have-place", { place: seat.position })}</p>}
            <Seating round={seat.round} position={seat.position} playing={playing} purse={purse} name={`${assetName(tier)}, ${sizeName(size)}`} wide />
            <p class="fine"><Link href={`/rounds/${seat.round.roundId}`}>{t("queues-evidence")}</Link></p>
          </div>
        )}
        {last && (
          <p class="last-winner">
            {t("queues-last-winner")} <PersonName personId={last.winnerPersonId} /> · <Amount value={last.reward} asset={last.rewardTier ?? ""} /> · <Link href={`/rounds/${last.roundId}`}>{t("queues-verify")}</Link>
          </p>
        )}
      </Card>
      {seat && <People round={seat.round} myId={myId} />}
      <Figures tier={tier} size={size} />
      <Card title={t("queues-before")}><Before tier={tier} size={size} myId={myId} /></Card>
      {playing.sheets}
      {live.outcome && <ResultSheet key={live.outcome.round.roundId} outcome={live.outcome} onClose={playing.seen} />}
    </div>
  );
}

/** Who is in the round. Read again when the round has changed. */
function People({ round, myId }: { round: RoundJson; myId: string }): JSX.Element {
  const entries = useEntries(round.roundId ?? "", round.changeSequence ?? "");
  return (
    <Card title={t("queues-people")}>
      {(round.players ?? 0) === 0 ? (
        <p class="soft">{t("queues-nobody")}</p>
      ) : (
        <Loaded resource={entries} lines={2}>
          {(all) => (
            <ol class="people">
              {all.map(({ personId, position }) => (
                <li key={personId} data-mine={personId === myId || undefined}><PersonName personId={personId} /> <small>{position}</small></li>
              ))}
            </ol>
          )}
        </Loaded>
      )}
    </Card>
  );
}

function Figures({ tier, size }: { tier: string; size: string }): JSX.Element {
  const statistics = useQueueStatistics(tier, size);
  return (
    <Card title={t("queues-figures")}>
      <Loaded resource={statistics}>{(found) => <Statistics found={found} />}</Loaded>
    </Card>
  );
}

function Statistics({ found }: { found: QueueStatisticsJson }): JSX.Element {
  const [median, slow] = [secondsOf(found.fillTimeP50), secondsOf(found.fillTimeP95)];
  return (
    <>
      <Facts
        facts={[
          [t("queues-finished"), formatInteger(Number(found.finishedRounds ?? 0))],
          [t("queues-expired"), formatInteger(Number(found.expiredRounds ?? 0))],
          [t("queues-entries"), formatInteger(Number(found.entries ?? 0))],
          median !== undefined && (found.fillTimeRounds ?? 0) > 0 && [t("queues-median"), formatSpan(median)],
          slow !== undefined && (found.fillTimeRounds ?? 0) > 0 && [t("queues-slow"), formatSpan(slow)],
        ]}
      />
      {Number(found.finishedRounds ?? 0) >= TELLING_ROUNDS && <Fairness wins={found.winsByPosition ?? []} />}
    </>
  );
}

const GROUP = 5;
// Fewer rounds tell nothing about fairness.
const TELLING_ROUNDS = 10;

/** How often early and late places have won: in fair draws, all alike. */
function Fairness({ wins }: { wins: readonly string[] }): JSX.Element | null {
  const groups = winsInGroups(wins, GROUP);
  const most = Math.max(0, ...groups);
  if (most === 0) return null;
  return (
    <div class="fairness">
      <h3>{t("queues-fairness")}</h3>
      <p class="soft">{t("queues-fairness-hint")}</p>
      <ul>
        {groups.map((count, at) => (
          <li key={at}>
            <span class="fairness-places">{t("queues-places", { from: at * GROUP + 1, to: (at + 1) * GROUP })}</span>
            <span class="fairness-bar" aria-hidden="true"><span style={{ width: `${(count / most) * 100}%` }} /></span>
            <span>{formatInteger(count)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Before({ tier, size, myId }: { tier: string; size: string; myId: string }): JSX.Element {
  const rounds = useRounds({ tier, size, state: "STATE_FINISHED" });
  return (
    <List pages={rounds} keyOf={(round) => round.roundId ?? ""} empty={<EmptyState title={t("queues-before-empty")} />}>
      {(round) => <RoundLine round={round} me={round.winnerPersonId === myId ? myId : ""} />}
    </List>
  );
}
