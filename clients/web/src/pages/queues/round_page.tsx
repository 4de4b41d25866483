import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { Amount, AccountName, ButtonLink, Card, EmptyState, ErrorState, Facts, Loaded, Page, PersonName, Skeleton, Time, assetName } from "@/components";
import { formatInteger, t } from "@/i18n";
import { me } from "@/session";
import { isOver } from "./board";
import { oneIn } from "./odds";
import "./queues.css";
import { useEntries, useRound } from "./reading";
import { Bargain, Filling, queuePath, sizeName, StateBadge, Waiting } from "./showing";
import type { EntryJson, RoundJson } from "./types";
import { DrawCheck } from "./verifying";

/** One round with all the evidence of its draw. */
export function RoundPage({ roundId }: { roundId: string }): JSX.Element {
  const round = useRound(roundId);
  const found = round.data;
  const title = t("queues-round-title", { number: formatInteger(BigInt(found?.number ?? "0")) });
  if (!found && round.error)
    return (
      <Page title={t("queues-round")}>
        {round.error.reason === "ROUND_NOT_FOUND" || round.error.reason === "INVALID_FIELD" ? (
          <EmptyState title={t("queues-round-unknown")} action={<ButtonLink href="/queues" kind="primary">{t("queues-all")}</ButtonLink>} />
        ) : (
          <ErrorState error={round.error} retry={round.reload} />
        )}
      </Page>
    );
  if (!found) return <Page title={t("queues-round")}><Skeleton lines={8} /></Page>;
  return (
    <Page title={title} lead={<Link href={queuePath(found.tier, found.size)}>{assetName(found.tier ?? "")} · {sizeName(found.size)}</Link>} actions={<StateBadge round={found} />}>
      <div class="queue-grid">
        <div class="stack">
          <About round={found} />
          {found.state === "STATE_FINISHED" && <DrawCheck round={found} />}
        </div>
        <Evidence round={found} />
        <Entries round={found} />
      </div>
    </Page>
  );
}

function About({ round }: { round: RoundJson }): JSX.Element {
  return (
    <Card ticket title={<span data-tier={round.tier} class="tier-title">{assetName(round.tier ?? "")} · {sizeName(round.size)}</span>}>
      <div class="stack">
        <Bargain round={round} />
        <Filling round={round} />
        {!isOver(round) && <Waiting round={round} />}
        {round.winnerPersonId && (
          <p class="winner">
            <span aria-hidden="true">★</span> <PersonName personId={round.winnerPersonId} /> {t("queues-has-won")} <Amount value={round.reward} asset={round.rewardTier ?? ""} />
          </p>
        )}
        {round.state === "STATE_EXPIRED" && <p class="soft">{t("queues-expired-hint")}</p>}
      </div>
    </Card>
  );
}

function Evidence({ round }: { round: RoundJson }): JSX.Element {
  return (
    <Card title={t("queues-evidence")}>
      <p class="soft">{t("queues-evidence-hint")}</p>
      <Facts
        facts={[
          [t("queues-odds"), t("queues-one-in", { count: oneIn(round), shown: formatInteger(oneIn(round)) })],
          [t("queues-opened"), <Time at={round.createTime} full />],
          Boolean(round.fillTime) && [t("queues-filled"), <Time at={round.fillTime} full />],
          Boolean(round.resolveTime) && [t("queues-resolved"), <Time at={round.resolveTime} full />],
          [t("queues-escrow"), <AccountName address={round.escrow} />],
        ]}
      />
      <dl class="hashes">
        <dt>{t("queues-fact-commitment")}</dt>
        <dd class="mono">{round.commitment}</dd>
        <dt>{t("queues-fact-secret")}</dt>
        <dd class="mono">{round.secret || t("queues-secret-later")}</dd>
      </dl>
    </Card>
  );
}

function Entries({ round }: { round: RoundJson }): JSX.Element {
  const entries = useEntries(round.roundId ?? "", round.changeSequence ?? "");
  return (
    <Card title={t("queues-people")}>
      <Loaded resource={entries}>
        {(all) => (all.length === 0 ? <p class="soft">{t("queues-nobody")}</p> : <EntryTable entries={all} winner={round.winnerPosition ?? 0} />)}
      </Loaded>
    </Card>
  );
}

function EntryTable({ entries, winner }: { entries: readonly EntryJson[]; winner: number }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("queues-entries-table")}>
      <table>
        <thead>
          <tr>
            <th scope="col">№</th>
            <th scope="col">{t("queues-person")}</th>
            <th scope="col">{t("queues-joined-at")}</th>
            <th scope="col">{t("queues-nonce")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.personId} class={entry.position === winner ? "winner-row" : entry.personId === me.value?.personId ? "mine-row" : ""}>
              <td>{entry.position}{entry.position === winner && <span role="img" aria-label={t("queues-won")}> ★</span>}</td>
              <td><PersonName personId={entry.personId} /></td>
              <td><Time at={entry.joinTime} /></td>
              <td class="mono nonce" title={entry.nonce}>{entry.nonce || "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
