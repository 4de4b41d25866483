import { describe, expect, it } from "vitest";
import {
  lastFinished,
  mergeBoard,
  mySeats,
  outcomes,
  resetBoard,
  runningRound,
  seatTaken,
  type Board,
} from "./board";
import type { RoundJson, WatchedRoundJson } from "./types";

const EMPTY: Board = new Map();

function told(
  id: string,
  change: number,
  position: number,
  more: Partial<RoundJson> = {},
): WatchedRoundJson {
  const round: RoundJson = {
    roundId: id,
    tier: "BRONZE",
    size: "small",
    number: "1",
    state: "STATE_WAITING",
    changeSequence: String(change),
    ...more,
  };
  return position ? { round, position } : { round };
}

describe("the board", () => {
  it("keeps the newest state of each round, whatever order messages come in", () => {
    let board = mergeBoard(EMPTY, [told("a", 5, 0, { players: 3 })]);
    board = mergeBoard(board, [told("a", 4, 0, { players: 2 })]);
    expect(board.get("a")?.round.players).toBe(3);
    board = mergeBoard(board, [told("a", 6, 4, { players: 4 })]);
    expect(board.get("a")).toMatchObject({ position: 4, round: { players: 4 } });
  });

  it("stays the same for a heartbeat and for what has no id", () => {
    const board = mergeBoard(EMPTY, [told("a", 5, 0)]);
    expect(mergeBoard(board, [])).toBe(board);
    expect(mergeBoard(board, [{}, { round: {} }]).size).toBe(1);
  });

  it("shows the newest running round of a queue, and the last one that was drawn", () => {
    const board = mergeBoard(EMPTY, [
      told("a", 7, 0, { state: "STATE_FINISHED", number: "1", winnerPersonId: "ann" }),
      told("b", 8, 0, { number: "22" }),
      told("c", 9, 0, { number: "3", size: "large" }),
    ]);
    expect(runningRound(board, "BRONZE", "small")?.round.roundId).toBe("b");
    expect(runningRound(board, "SILVER", "small")).toBeUndefined();
    expect(lastFinished(board, "BRONZE", "small")?.round.winnerPersonId).toBe("ann");
  });

  it("forgets what ended long ago", () => {
    let board = EMPTY;
    for (let number = 1; number <= 100; number += 1) {
      const more = { number: String(number), state: "STATE_FINISHED" as const };
      board = mergeBoard(board, [told(`r${number}`, number, 1, more)]);
    }
    expect([...board.keys()]).toEqual(["r100"]);
  });

  it("lists where somebody is in, lowest tier first", () => {
    const board = mergeBoard(EMPTY, [
      told("g", 1, 2, { tier: "GOLD" }),
      told("l", 1, 1, { size: "large" }),
      told("s", 1, 3),
      told("n", 1, 0, { tier: "SILVER" }),
      told("x", 1, 3, { tier: "RUBY", state: "STATE_EXPIRED" }),
    ]);
    expect(mySeats(board).map((seat) => seat.round.roundId)).toEqual(["s", "l", "g"]);
  });
});

describe("a snapshot after a long absence", () => {
  it("ends what is not told any more, and names what somebody missed", () => {
    const before = mergeBoard(EMPTY, [
      told("mine", 1, 2),
      told("others", 1, 0, { size: "large" }),
      told("still", 1, 1, { tier: "GOLD" }),
    ]);
    const snapshot = [told("next", 9, 0, { number: "2" }), told("still", 5, 1, { tier: "GOLD" })];
    const { board, missed } = resetBoard(before, snapshot);
    expect(missed).toEqual(["mine"]);
    expect(board.has("others")).toBe(false);
    expect(board.get("still")?.round.changeSequence).toBe("5");
    const ended = [told("mine", 7, 2, { state: "STATE_FINISHED", winnerPersonId: "ann" })];
    expect(outcomes(board, ended, "me")[0]?.kind).toBe("lost");
    expect(mySeats(mergeBoard(board, ended)).map((seat) => seat.round.roundId)).toEqual(["still"]);
  });
});

describe("outcomes", () => {
  const before = mergeBoard(EMPTY, [told("a", 1, 2), told("b", 1, 0), told("c", 1, 1)]);

  it("are told for rounds that somebody was in, once they are over", () => {
    const news = [
      told("a", 2, 2, { state: "STATE_FINISHED", winnerPersonId: "me" }),
      told("b", 2, 0, { state: "STATE_FINISHED", winnerPersonId: "ann" }),
      told("c", 2, 0, { state: "STATE_EXPIRED" }),
    ];
    expect(outcomes(before, news, "me").map((one) => [one.round.roundId, one.kind])).toEqual([
      ["a", "won"],
      ["c", "refunded"],
    ]);
    expect(outcomes(mergeBoard(before, news), news, "me")).toEqual([]);
  });

  it("are lost when somebody else won, and none while the draw is due", () => {
    const filled = [told("a", 2, 2, { state: "STATE_FILLED" })];
    expect(outcomes(before, filled, "me")).toEqual([]);
    const drawn = [told("a", 3, 2, { state: "STATE_FINISHED", winnerPersonId: "ann" })];
    expect(outcomes(mergeBoard(before, filled), drawn, "me")[0]?.kind).toBe("lost");
  });
});

describe("joining", () => {
  const waiting = told("a", 5, 0, { players: 3 }).round!;

  it("takes the seat, also where the stream has told more by then", () => {
    const newer = mergeBoard(EMPTY, [told("a", 7, 0, { players: 9 })]);
    const { board, outcome } = seatTaken(newer, waiting, 4, "me");
    expect(board.get("a")).toMatchObject({ position: 4, round: { players: 9 } });
    expect(outcome).toBeUndefined();
    expect(mySeats(seatTaken(EMPTY, waiting, 4, "me").board)).toHaveLength(1);
  });

  it("tells the outcome when it filled the round and the draw was faster, once", () => {
    const drawn = { state: "STATE_FINISHED" as const, winnerPersonId: "me" };
    const before = mergeBoard(EMPTY, [told("a", 9, 0, drawn)]);
    expect(seatTaken(before, waiting, 4, "me").outcome?.kind).toBe("won");
    expect(seatTaken(EMPTY, { ...waiting, ...drawn }, 4, "me").outcome?.kind).toBe("won");
    const toldAlready = mergeBoard(EMPTY, [told("a", 9, 4, drawn)]);
    expect(seatTaken(toldAlready, waiting, 4, "me").outcome).toBeUndefined();
  });
});
