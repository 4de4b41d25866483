import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { TIERS } from "@/assets";
import { Amount, Button, ButtonLink, Card, Choice, EmptyState, ErrorState, List, Page, PersonName, Select, Skeleton, assetName } from "@/components";
import { formatInteger, t } from "@/i18n";
import { ApiError } from "@/problems";
import { app, me, myAccount, sessionKnown } from "@/session";
import { mySeats, runningRound, type Seat } from "./board";
import { placesLeft, tierAbove } from "./odds";
import { usePlaying, type Playing } from "./playing";
import "./queues.css";
import { useBoard, usePurse, useRounds, useTopPlayers, type LiveBoard } from "./reading";
import { ResultSheet } from "./result";
import { Filling, Prize, QueueName, queuePath, RoundLine, sizeName, tierLine, Waiting } from "./showing";
import { SIZES, type RoundJson } from "./types";

type Part = "rounds" | "mine" | "top";

/** All queues, live; the person's rounds; who has won most. */
export function QueuesPage(): JSX.Element {
  const myId = me.value?.personId ?? "";
  const [part, setPart] = useState<Part>("rounds");
  return (
    <Page title={t("queues-title")} lead={t("queues-lead")} actions={sessionKnown.value && !myId && <ButtonLink href="/profile" kind="primary">{t("queues-sign-in")}</ButtonLink>}>
      <Choice
        label={t("queues-title")}
        value={part}
        onChange={setPart}
        options={(["rounds", "mine", "top"] as const).map((value) => ({ value, label: t(`queues-part-${value}`) }))}
      />
      <Rounds key={myId} myId={myId} shown={part === "rounds"} />
      {part === "mine" && <MyRounds myId={myId} />}
      {part === "top" && <Top />}
    </Page>
  );
}

/** The board stays connected while another part is shown, so that no result is missed. */
function Rounds({ myId, shown }: { myId: string; shown: boolean }): JSX.Element {
  const live = useBoard(myId);
  const playing = usePlaying(live);
  const purse = usePurse(myAccount.value).data;
  return (
    <>
      {shown && <Tiers live={live} playing={playing} purse={purse} />}
      {playing.sheets}
      {live.outcome && <ResultSheet key={live.outcome.round.roundId} outcome={live.outcome} onClose={playing.seen} />}
    </>
  );
}

function Tiers({ live, playing, purse }: { live: LiveBoard; playing: Playing; purse: ReadonlyMap<string, bigint> | undefined }): JSX.Element {
  if (live.state.value === "failed") return <ErrorState error={ApiError.local("UNREADABLE")} retry={() => location.reload()} />;
  if (!live.known) return <div class="grid">{TIERS.slice(0, 3).map((tier) => <Card key={tier}><Skeleton lines={6} /></Card>)}</div>;
  if (live.board.size === 0) return <EmptyState title={t("queues-none")} hint={t("queues-none-hint")} />;
  const seats = mySeats(live.board);
  return (
    <>
      {seats.length > 0 && <MySeats seats={seats} playing={playing} />}
      <div class="grid">
        {TIERS.slice(0, -1).map((tier) => (
          <Card key={tier} title={<span data-tier={tier} class="tier-title">{tierLine(tier, tierAbove(tier))}</span>} actions={purse && <span class="soft have">{t("queues-you-have")} <Amount value={purse.get(tier) ?? 0n} asset={tier} style={{ compact: true }} bare /></span>}>
            <ul class="tiles">
              {SIZES.map((size) => (
                <li key={size}><Tile tier={tier} size={size} seat={runningRound(live.board, tier, size)} playing={playing} purse={purse} /></li>
              ))}
            </ul>
          </Card>
        ))}
      </div>
      <p class="soft">{t("queues-top-note", { tier: assetName("DIAMOND") })}</p>
    </>
  );
}

function MySeats({ seats, playing }: { seats: readonly Seat[]; playing: Playing }): JSX.Element {
  return (
    <Card title={t("queues-my-seats")} tone="accent">
      <ul class="list">
        {seats.map(({ round, position }) => (
          <li key={round.roundId} class="seat">
            <Link href={`/rounds/${round.roundId}`} className="seat-name">
              <QueueName tier={round.tier} size={round.size} />
              <small>{t("queues-place", { place: position })}</small>
            </Link>
            <Filling round={round} />
            {round.state === "STATE_WAITING" && <Button size="small" onClick={() => playing.leave(round)}>{t("queues-leave")}</Button>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Tile({ tier, size, seat, playing, purse }: { tier: string; size: string; seat: Seat | undefined; playing: Playing; purse: ReadonlyMap<string, bigint> | undefined }): JSX.Element {
  const name = `${assetName(tier)}, ${sizeName(size)}`;
  if (!seat)
    return (
      <div class="tile">
        <span class="tile-name">{sizeName(size)}</span>
        <span class="soft">{t("queues-opening")}</span>
      </div>
    );
  const { round, position } = seat;
  return (
    <div class="tile" data-mine={position > 0 || undefined}>
      <Link href={queuePath(tier, size)} className="tile-name" aria-label={t("queues-about-queue", { name })}>{sizeName(size)}</Link>
      <Prize round={round} />
      <Filling round={round} />
      <Waiting round={round} />
      <Seating round={round} position={position} playing={playing} purse={purse} name={name} />
    </div>
  );
}

/** Join, leave, or why not. */
export function Seating({ round, position, playing, purse, name, wide }: { round: RoundJson; position: number; playing: Playing; purse: ReadonlyMap<string, bigint> | undefined; name: string; wide?: boolean }): JSX.Element | null {
  const size = wide ? "wide" : "small";
  if (round.state !== "STATE_WAITING") return position > 0 ? <span class="badge">{t("queues-place", { place: position })}</span> : null;
  if (position > 0) return <Button size={size} label={t("queues-leave-of", { name })} onClick={() => playing.leave(round)}>{t("queues-leave")}</Button>;
  if (!me.value) return wide ? <ButtonLink href="/profile" kind="primary" size="wide">{t("queues-sign-in")}</ButtonLink> : null;
  const short = purse !== undefined && (purse.get(round.tier ?? "") ?? 0n) < BigInt(round.stake ?? "0");
  if (short) return wide ? <p class="soft">{t("queues-no-ticket")}</p> : null;
  return (
    <Button kind="primary" size={size} label={t("queues-join-of", { name })} disabled={purse === undefined || app.value.maintenance === true || placesLeft(round) === 0} onClick={() => playing.join(round)}>
      {t("queues-join")}
    </Button>
  );
}

function MyRounds({ myId }: { myId: string }): JSX.Element {
  if (!myId) return <EmptyState title={t("queues-sign-in-title")} action={<ButtonLink href="/profile" kind="primary">{t("queues-sign-in")}</ButtonLink>} />;
  return <Card title={t("queues-part-mine")}><MyList myId={myId} /></Card>;
}

function MyList({ myId }: { myId: string }): JSX.Element {
  const rounds = useRounds({ personId: myId });
  return (
    <List pages={rounds} keyOf={(round) => round.roundId ?? ""} empty={<EmptyState title={t("queues-mine-empty")} hint={t("queues-mine-empty-hint")} />}>
      {(round) => <RoundLine round={round} me={myId} />}
    </List>
  );
}

function Top(): JSX.Element {
  const [tier, setTier] = useState<string>("DIAMOND");
  const players = useTopPlayers(tier);
  const rank = new Map(players.items.map((player, at) => [player.personId, at + 1]));
  return (
    <Card title={t("queues-part-top")}>
      <Select label={t("queues-top-tier")} value={tier} onChange={setTier} options={TIERS.slice(1).map((value) => ({ value: value as string, label: assetName(value) }))} />
      <List pages={players} keyOf={(player) => player.personId ?? ""} empty={<EmptyState title={t("queues-top-empty", { tier: assetName(tier) })} hint={t("queues-top-empty-hint")} />}>
        {(player) => (
          <div class="item">
            <span><span><span class="top-rank">{formatInteger(rank.get(player.personId) ?? 0)}</span> <PersonName personId={player.personId} /></span></span>
            <span class="item-end"><Amount value={player.won} asset={tier} style={{ trimmed: true }} /></span>
            <span class="item-note">{t("queues-top-note-wins", { count: Number(player.wins ?? 0), entries: formatInteger(Number(player.entries ?? 0)) })}</span>
          </div>
        )}
      </List>
    </Card>
  );
}
