/**
 * The board of all queues: which round waits in each, and where the person is in. It is made of whole rounds
 * as the stream tells them, so the same message twice, or an older one late, changes nothing.
 */
import { TIERS, type Tier } from "@/assets";
import { SIZES, type RoundJson, type WatchedRoundJson } from "./types";

export interface Seat {
  round: RoundJson;
  /** The person's place in the order of joining, from 1; 0 if not in the round. */
  position: number;
}

/** Rounds by their id. */
export type Board = ReadonlyMap<string, Seat>;

/** What became of a round in which the person was. */
export interface Outcome {
  round: RoundJson;
  kind: "won" | "lost" | "refunded";
}

// Ended rounds that are kept of each queue, to show who won last.
const KEPT_ENDED = 1;

export function isOver(round: RoundJson): boolean {
  return round.state === "STATE_FINISHED" || round.state === "STATE_EXPIRED";
}

function changed(round: RoundJson): bigint {
  return BigInt(round.changeSequence ?? "0");
}

function numbered(round: RoundJson): bigint {
  return BigInt(round.number ?? "0");
}

/** Merges what a stream's message tells; of each round the newest state stays. */
export function mergeBoard(board: Board, told: readonly WatchedRoundJson[]): Board {
  if (told.length === 0) return board;
  const merged = new Map(board);
  for (const { round, position } of told) {
    const id = round?.roundId;
    if (round === undefined || !id) continue;
    const known = merged.get(id);
    if (known !== undefined && changed(known.round) > changed(round)) continue;
    merged.set(id, { round, position: position ?? 0 });
  }
  return pruned(merged);
}

/**
 * Begins anew with a snapshot, after messages may have been missed. What was running and is not told any more
 * is over; `missed` names those of it in which the person was, for their outcome to be asked for.
 */
export function resetBoard(
  board: Board,
  snapshot: readonly WatchedRoundJson[],
): { board: Board; missed: string[] } {
  const told = new Set(snapshot.map(({ round }) => round?.roundId));
  const kept = new Map(
    [...board].filter(([id, seat]) => told.has(id) || isOver(seat.round) || seat.position > 0),
  );
  const missed = [...kept.values()].filter(
    (seat) => seat.position > 0 && !isOver(seat.round) && !told.has(seat.round.roundId),
  );
  return {
    board: mergeBoard(kept, snapshot),
    missed: missed.map((seat) => seat.round.roundId!),
  };
}

/** Forgets rounds that ended long ago, so that an open page does not grow. */
function pruned(board: Map<string, Seat>): Board {
  const ended = new Map<string, Seat[]>();
  for (const seat of board.values()) {
    if (!isOver(seat.round)) continue;
    const queue = `${seat.round.tier}/${seat.round.size}`;
    ended.set(queue, [...(ended.get(queue) ?? []), seat]);
  }
  for (const seats of ended.values()) {
    seats.sort((one, other) => (numbered(one.round) < numbered(other.round) ? 1 : -1));
    for (const seat of seats.slice(KEPT_ENDED)) board.delete(seat.round.roundId!);
  }
  return board;
}

/**
 * Notes what joining answered. The stream may have been faster, and may even have told the end already: then
 * this is the moment to tell the outcome.
 */
export function seatTaken(
  board: Board,
  round: RoundJson,
  position: number,
  me: string,
): { board: Board; outcome?: Outcome } {
  const known = board.get(round.roundId ?? "")?.round;
  const newest = known !== undefined && changed(known) > changed(round) ? known : round;
  const told = known !== undefined && isOver(known) && (board.get(round.roundId!)?.position ?? 0) > 0;
  const taken = mergeBoard(board, [{ round: newest, position }]);
  if (!isOver(newest) || told) return { board: taken };
  return { board: taken, outcome: { round: newest, kind: outcomeOf(newest, me) } };
}

/** A person's rounds that ended between two boards, told once: only a round that was seen running. */
export function outcomes(before: Board, told: readonly WatchedRoundJson[], me: string): Outcome[] {
  const found: Outcome[] = [];
  for (const { round } of told) {
    const known = round?.roundId ? before.get(round.roundId) : undefined;
    if (!round || !known || known.position === 0 || isOver(known.round) || !isOver(round)) continue;
    found.push({ round, kind: outcomeOf(round, me) });
  }
  return found;
}

/** What a round that is over meant for somebody who was in it. */
export function outcomeOf(round: RoundJson, me: string): Outcome["kind"] {
  if (round.state === "STATE_EXPIRED") return "refunded";
  return round.winnerPersonId === me ? "won" : "lost";
}

/** The round of a queue that can be joined or is being drawn: the newest that is not over. */
export function runningRound(board: Board, tier: string, size: string): Seat | undefined {
  return newest(board, tier, size, (round) => !isOver(round));
}

/** The last round of a queue that was drawn. */
export function lastFinished(board: Board, tier: string, size: string): Seat | undefined {
  return newest(board, tier, size, (round) => round.state === "STATE_FINISHED");
}

function newest(
  board: Board,
  tier: string,
  size: string,
  wanted: (round: RoundJson) => boolean,
): Seat | undefined {
  let found: Seat | undefined;
  for (const seat of board.values()) {
    const round = seat.round;
    if (round.tier !== tier || round.size !== size || !wanted(round)) continue;
    if (found === undefined || numbered(round) > numbered(found.round)) found = seat;
  }
  return found;
}

/** Where the person is in, by tier and size. */
export function mySeats(board: Board): Seat[] {
  const rank = (seat: Seat) =>
    TIERS.indexOf(seat.round.tier as Tier) * SIZES.length +
    SIZES.indexOf(seat.round.size as (typeof SIZES)[number]);
  return [...board.values()]
    .filter((seat) => seat.position > 0 && !isOver(seat.round))
    .sort((one, other) => rank(one) - rank(other));
}
