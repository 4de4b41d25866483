/** The newest trades of an instrument, from pages of history and from the stream. */
import { minorOf } from "@/amounts";
import type { TickJson } from "./types";

export const KEPT_TICKS = 60;

function newerFirst(one: TickJson, other: TickJson): number {
  const [a, b] = [minorOf(one.sequence), minorOf(other.sequence)];
  if (a !== b) return a < b ? 1 : -1;
  return (other.index ?? 0) - (one.index ?? 0);
}

function nameOf(tick: TickJson): string {
  return `${tick.sequence ?? 0}/${tick.index ?? 0}`;
}

/** Merges trades, newest first, each once, and keeps the newest. */
export function mergeTicks(known: readonly TickJson[], fresh: readonly TickJson[]): TickJson[] {
  const merged = new Map([...known, ...fresh].map((tick) => [nameOf(tick), tick]));
  return [...merged.values()].sort(newerFirst).slice(0, KEPT_TICKS);
}

/** How the price moved with a trade: against the one before it in the list, which is newest first. */
export function direction(ticks: readonly TickJson[], index: number): "up" | "down" | "same" {
  const [now, before] = [Number(ticks[index]?.price), Number(ticks[index + 1]?.price)];
  if (!(now > before) && !(now < before)) return "same";
  return now > before ? "up" : "down";
}
