import { describe, expect, it } from "vitest";

import { fromHex, toBase64, toHex } from "./bytes";
import { drawnWinner, numbersOf, pick, transcriptOf, verifyDraw } from "./draws";
import { changed, draws } from "./vectors";

type Draw = (typeof draws.draws)[number];

const base64 = (hex: string) => toBase64(fromHex(hex));
const entrantsOf = (draw: Draw) =>
  draw.entrants.map((entrant) => ({
    personId: entrant.person_id,
    nonce: fromHex(entrant.nonce),
  }));

/** A round and its entries as the server gives them out. */
function finished(draw: Draw) {
  const round = {
    roundId: draw.round_id,
    state: "STATE_FINISHED",
    places: draw.entrants.length,
    commitment: base64(draw.commitment),
    secret: base64(draw.secret),
    winnerPersonId: draw.entrants[draw.winner_index]!.person_id,
    winnerPosition: draw.winner_index + 1,
  };
  const entries = draw.entrants.map((entrant, index) => ({
    roundId: draw.round_id,
    personId: entrant.person_id,
    position: index + 1,
    // Proto3 JSON leaves out what is empty.
    ...(entrant.nonce && { nonce: base64(entrant.nonce) }),
    joinSequence: String(100 + 2 * index),
  }));
  return { round, entries };
}

describe.each(draws.draws.map((draw) => [draw.entrants.length, draw] as const))(
  "a draw among %i",
  (_, draw) => {
    it("has the transcript, the numbers and the winner of the vectors", () => {
      const secret = fromHex(draw.secret);
      const transcript = transcriptOf(draw.round_id, secret, entrantsOf(draw));
      expect(toHex(transcript)).toBe(draw.transcript);
      const numbers = numbersOf(transcript);
      const first = draw.first_numbers.map(() => String(numbers.next().value));
      expect(first).toEqual(draw.first_numbers);
      expect(drawnWinner(draw.round_id, secret, entrantsOf(draw))).toBe(draw.winner_index);
    });

    it("holds", () => {
      const { round, entries } = finished(draw);
      const { ok, steps } = verifyDraw(round, entries, round.commitment);
      expect(ok).toBe(true);
      const checks = ["finished", "commitment", "entries", "draw", "winner"];
      expect(steps.map((step) => [step.check, step.ok])).toEqual(checks.map((c) => [c, true]));
    });
  },
);

describe("a draw", () => {
  const { round, entries } = finished(draws.draws.find((draw) => draw.entrants.length === 20)!);
  const failed = (verdict: ReturnType<typeof verifyDraw>) =>
    verdict.steps.find((step) => step.ok === false)?.check;

  it("does not hold with any part of the round changed", () => {
    const changes = {
      roundId: "0000000000000009",
      state: "STATE_FILLED",
      places: 21,
      commitment: base64(draws.draws[0]!.commitment),
      secret: base64(draws.draws[0]!.secret),
      winnerPersonId: "ffffffffffffffff",
      winnerPosition: 21,
    };
    expect(Object.keys(changes)).toEqual(Object.keys(round));
    for (const [name, value] of Object.entries(changes)) {
      expect([name, verifyDraw(changed(round, [name], value), entries).ok]).toEqual([name, false]);
      const without = verifyDraw(changed(round, [name], undefined), entries);
      expect([name, without.ok]).toEqual([name, false]);
    }
  });

  it("does not hold with an entry changed, left out, added or in another place", () => {
    for (const [index, entry] of entries.entries()) {
      const changes = { roundId: "x", personId: "", position: 50, joinSequence: "0" };
      for (const [name, value] of Object.entries(changes)) {
        expect(verifyDraw(round, changed(entries, [index, name], value)).ok).toBe(false);
        expect(verifyDraw(round, changed(entries, [index, name], undefined)).ok).toBe(false);
      }
      // Who is in the round decides the transcript, and by that who wins: one in twenty by chance.
      const other = verifyDraw(round, changed(entries, [index, "personId"], "x"));
      const transcript = (verdict: typeof other) => verdict.steps[3]!.facts.transcript;
      expect(transcript(other)).not.toBe(transcript(verifyDraw(round, entries)));
      expect(failed(verifyDraw(round, entries.toSpliced(index, 1)))).toBe("entries");
      expect(failed(verifyDraw(round, [...entries, entry]))).toBe("entries");
    }
    const [first, second, ...rest] = entries;
    expect(failed(verifyDraw(round, [second!, first!, ...rest]))).toBe("entries");
  });

  it("depends on every nonce", () => {
    const entrants = entrantsOf(draws.draws.find((draw) => draw.entrants.length === 20)!);
    const secret = fromHex(draws.draws[0]!.secret);
    const before = toHex(transcriptOf("x", secret, entrants));
    entrants.forEach((entrant, index) => {
      const other = entrants.with(index, { ...entrant, nonce: Uint8Array.of(...entrant.nonce, 1) });
      expect(toHex(transcriptOf("x", secret, other))).not.toBe(before);
    });
  });

  it("does not hold with another commitment than the one that was kept", () => {
    expect(failed(verifyDraw(round, entries, base64(draws.draws[0]!.commitment)))).toBe(
      "commitment",
    );
  });

  it("leaves out numbers that would favour the first places", () => {
    for (const { numbers, choices, picked } of draws.picks) {
      expect(pick(numbers.map(BigInt), choices)).toBe(picked);
    }
  });
});
