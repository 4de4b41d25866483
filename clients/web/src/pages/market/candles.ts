/** Candles for the chart: read from the wire, and merged from pages of history and from the streams. */
import { minorOf } from "@/amounts";
import type { CandleJson, TickJson } from "./types";

export const INTERVALS = ["SECOND", "MINUTE", "FIVE_MINUTES", "HOUR", "DAY"] as const;
export type Interval = (typeof INTERVALS)[number];

export const SECONDS: Record<Interval, number> = {
  SECOND: 1,
  MINUTE: 60,
  FIVE_MINUTES: 300,
  HOUR: 3_600,
  DAY: 86_400,
};

/** A candle as the chart wants it. Prices are numbers here, for drawing only. */
export interface Bar {
  /** Its beginning, in seconds since 1970. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Traded of the base asset, in minor units. */
  volume: number;
  trades: number;
  /** Newest entry that it counts. */
  sequence: bigint;
}

/** The name of an interval on the wire. */
export function wireInterval(interval: Interval): string {
  return `INTERVAL_${interval}`;
}

export function readBar(candle: CandleJson): Bar {
  return {
    time: Math.floor(Date.parse(candle.startTime ?? "1970-01-01T00:00:00Z") / 1000),
    open: Number(candle.open ?? 0),
    high: Number(candle.high ?? 0),
    low: Number(candle.low ?? 0),
    close: Number(candle.close ?? 0),
    volume: Number(candle.volume ?? 0),
    trades: Number(candle.tradeCount ?? 0),
    sequence: minorOf(candle.lastSequence),
  };
}

/**
 * Merges candles, each told whole: one that begins at the same time replaces, unless it is older.
 * The answer is sorted by time. `bars` must be; `fresh` need not.
 */
export function mergeBars(bars: readonly Bar[], fresh: readonly Bar[]): Bar[] {
  if (fresh.length === 0) return bars.slice();
  const merged = new Map(bars.map((bar) => [bar.time, bar]));
  for (const bar of fresh) {
    const known = merged.get(bar.time);
    if (known === undefined || bar.sequence >= known.sequence) merged.set(bar.time, bar);
  }
  return [...merged.values()].sort((one, other) => one.time - other.time);
}

/**
 * Lets a trade move the newest candle before the candle itself is told again. A trade that a candle counts
 * already, or that is older than the newest candle, changes nothing.
 */
export function applyTick(
  bars: readonly Bar[],
  tick: TickJson,
  interval: Interval,
): readonly Bar[] {
  const seconds = Math.floor(Date.parse(tick.tradeTime ?? "") / 1000);
  const price = Number(tick.price);
  if (!Number.isFinite(seconds) || !(price > 0)) return bars;
  const time = seconds - (seconds % SECONDS[interval]);
  const sequence = minorOf(tick.sequence);
  const size = Number(tick.size ?? 0);
  const last = bars.at(-1);
  if (last !== undefined && (sequence <= last.sequence || time < last.time)) return bars;
  if (last === undefined || time > last.time) {
    const bar = {
      time,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: size,
      trades: 1,
      sequence,
    };
    return [...bars, bar];
  }
  const grown = {
    ...last,
    high: Math.max(last.high, price),
    low: Math.min(last.low, price),
    close: price,
    volume: last.volume + size,
    trades: last.trades + 1,
    sequence,
  };
  return [...bars.slice(0, -1), grown];
}

/** How many digits after the point show prices of this size apart: five significant ones, or so. */
export function priceDigits(price: number): number {
  if (!(price > 0)) return 2;
  return Math.min(12, Math.max(2, 4 - Math.floor(Math.log10(price))));
}
