// Draws the winner of a round a second time, from what anybody can read: docs/queues.md.

import { domain, framed, fromBase64, hash, same, text, toHex, uint32 } from "./bytes";
import { refuse, Steps, type Verdict } from "./steps";

const DRAW_DOMAIN = domain("ticketonomics/draw/1");
const NUMBER_DOMAIN = domain("ticketonomics/draw-number/1");

/** What is read of a round's JSON. */
export interface DrawnRound {
  roundId?: string;
  state?: string;
  places?: number;
  commitment?: string;
  secret?: string;
  winnerPersonId?: string;
  winnerPosition?: number;
}

/** What is read of an entry's JSON. */
export interface DrawnEntry {
  roundId?: string;
  personId?: string;
  position?: number;
  nonce?: string;
  joinSequence?: string;
}

export interface Entrant {
  personId: string;
  nonce: Uint8Array;
}

/** One hash over everything that decides a draw: the entrants in the order of joining. */
export function transcriptOf(roundId: string, secret: Uint8Array, entrants: Entrant[]): Uint8Array {
  const people = entrants.flatMap((entrant) => [text(entrant.personId), framed(entrant.nonce)]);
  return hash(DRAW_DOMAIN, text(roundId), framed(secret), uint32(entrants.length), ...people);
}

/** The numbers that a transcript makes, one after the other, each below 2^64. */
export function* numbersOf(transcript: Uint8Array): Generator<bigint, never> {
  for (let counter = 0; ; counter++) {
    const hashed = hash(NUMBER_DOMAIN, transcript, uint32(counter));
    yield BigInt(`0x${toHex(hashed.subarray(0, 8))}`);
  }
}

/** Picks one of so many, counted from 0: numbers that would favour the first are left out. */
export function pick(numbers: Iterable<bigint>, choices: number): number {
  const count = BigInt(choices);
  const ceiling = ((1n << 64n) / count) * count;
  for (const number of numbers) {
    if (number < ceiling) return Number(number % count);
  }
  return refuse("no number decides");
}

/** Who wins, as an index of the entrants. */
export function drawnWinner(roundId: string, secret: Uint8Array, entrants: Entrant[]): number {
  if (!entrants.length) return refuse("nobody is in the round");
  return pick(numbersOf(transcriptOf(roundId, secret, entrants)), entrants.length);
}

/**
 * Verifies the draw of a finished round, as the server gives it out in JSON.
 *
 * @param entries All of the round's, in the order of joining.
 * @param commitment What was kept of the round since it opened, or since one joined, in base64. With
 *   it, the check does not rest on what the server says now.
 */
export function verifyDraw(
  round: DrawnRound,
  entries: DrawnEntry[],
  commitment?: string,
): Verdict {
  const steps = new Steps();
  const roundId = round.roundId ?? "";
  return steps.verdict(() => {
    steps.try("finished", () => checkFinished(round), () => ({ round: roundId }));
    const secret = steps.try("commitment", () => checkSecret(round, commitment), () => ({
      commitment: round.commitment ?? "",
      secret: round.secret ?? "",
      kept: commitment === undefined ? "no" : "yes",
    }));
    const entrants = steps.try("entries", () => checkEntries(round, entries), (found) => ({
      people: String(found.length),
    }));
    const winner = steps.try("draw", () => drawnWinner(roundId, secret, entrants), (index) => ({
      transcript: toHex(transcriptOf(roundId, secret, entrants)),
      place: String(index + 1),
    }));
    steps.try("winner", () => checkWinner(round, entrants, winner), () => ({
      person: round.winnerPersonId ?? "",
      place: String(winner + 1),
    }));
  });
}

function checkFinished(round: DrawnRound): void {
  if (round.state !== "STATE_FINISHED") refuse("the round is not finished: nothing was drawn");
}

function checkSecret(round: DrawnRound, kept?: string): Uint8Array {
  if (kept !== undefined && kept !== round.commitment) {
    refuse("the round has another commitment than it had before");
  }
  const secret = fromBase64(round.secret ?? "");
  if (!same(hash(secret), fromBase64(round.commitment ?? ""))) {
    refuse("the secret is not what was committed to");
  }
  return secret;
}

function checkEntries(round: DrawnRound, entries: DrawnEntry[]): Entrant[] {
  const people = new Set(entries.map((entry) => entry.personId));
  if (entries.length !== round.places || people.size !== entries.length) {
    refuse(`a full round has ${round.places} entries, of a person each`);
  }
  let previous = 0n;
  return entries.map((entry, index) => {
    const { personId = "", joinSequence = "0" } = entry;
    if (!personId) refuse(`nobody is at place ${index + 1}`);
    if (entry.roundId !== round.roundId) refuse(`the entry of ${personId} is of another round`);
    if (entry.position !== index + 1 || BigInt(joinSequence) <= previous) {
      refuse(`the entry of ${personId} is not in its place`);
    }
    previous = BigInt(joinSequence);
    return { personId, nonce: fromBase64(entry.nonce ?? "") };
  });
}

function checkWinner(round: DrawnRound, entrants: Entrant[], index: number): void {
  const { personId } = entrants[index]!;
  if (round.winnerPersonId !== personId || round.winnerPosition !== index + 1) {
    refuse(`${personId} won, at place ${index + 1}, and not ${round.winnerPersonId}`);
  }
}
