/** What a round promises, in figures for people. */
import { TIERS, type Tier } from "@/assets";
import type { RoundJson } from "./types";

/** One chance in so many, once the round is full. */
export function oneIn(round: RoundJson): number {
  return round.places ?? 0;
}

/** How full it is, from 0 to 1. */
export function fullness(round: RoundJson): number {
  const places = round.places ?? 0;
  return places > 0 ? Math.min(1, (round.players ?? 0) / places) : 0;
}

/** Places that are left. */
export function placesLeft(round: RoundJson): number {
  return Math.max(0, (round.places ?? 0) - (round.players ?? 0));
}

/** The next tier up; undefined above the highest. */
export function tierAbove(tier: string): string | undefined {
  const at = TIERS.indexOf(tier as Tier);
  return at < 0 ? undefined : TIERS[at + 1];
}

/** Whole seconds until a time; 0 once it is over, undefined where there is none. */
export function secondsUntil(time: string | undefined, now: number): number | undefined {
  if (!time) return undefined;
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

/**
 * How often the places of a queue's rounds have won, in groups of `group` neighbours: single places have too
 * few wins to compare by eye.
 */
export function winsInGroups(wins: readonly string[], group: number): number[] {
  const sums: number[] = [];
  wins.forEach((won, at) => {
    const into = Math.floor(at / group);
    sums[into] = (sums[into] ?? 0) + Number(won);
  });
  return sums;
}

/** A draw's contribution of the client: 32 random bytes, in base64 as proto3 JSON has bytes. */
export function randomNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes));
}
