/**
 * The arithmetic of what is shown before somebody trades. Only the server decides; these are the same
 * formulas (docs/amm.md), so that what the page announces is what comes.
 */
import { minorOf } from "@/amounts";
import type { PoolJson } from "./types";

export const BPS = 10_000n;

/** What is fixed: what is given, or what is received. */
export type Exact = "in" | "out";

function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/**
 * The limit of a swap, in minor units: the least that is received, or the most that is given.
 * Rounded in the trader's favour, so the limit is never looser than what was chosen.
 */
export function swapLimit(exact: Exact, quotedOther: bigint, slippageBps: number): bigint {
  const slippage = BigInt(slippageBps);
  if (exact === "in") return ceilDiv(quotedOther * (BPS - slippage), BPS);
  return (quotedOther * (BPS + slippage)) / BPS;
}

/** The least that is still welcome when liquidity moves. */
export function leastOf(expected: bigint, slippageBps: number): bigint {
  return ceilDiv(expected * (BPS - BigInt(slippageBps)), BPS);
}

/** Whether a newer quote still keeps what an older one's limit promised. */
export function withinLimit(exact: Exact, other: bigint, limit: bigint): boolean {
  return exact === "in" ? other >= limit : other <= limit;
}

export type ImpactLevel = "low" | "noticeable" | "high";

/** How much a price impact should worry somebody. */
export function impactLevel(impactBps: number): ImpactLevel {
  if (impactBps < 100) return "low";
  return impactBps < 500 ? "noticeable" : "high";
}

/** A change in basis points between two prices; undefined where there was none before. */
export function changeBps(before: string | undefined, now: string | undefined): number | undefined {
  const from = Number(before);
  const to = Number(now);
  if (!before || !now || !(from > 0) || !Number.isFinite(to)) return undefined;
  return Math.round((to / from - 1) * 10_000);
}

/** The integer square root. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = BigInt(Math.floor(Math.sqrt(Number(value))));
  // A number is only near the root of a great one: Newton's method does the rest.
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next === guess || next === guess + 1n || next === guess - 1n) {
      guess = next;
      break;
    }
    guess = next;
  }
  while (guess * guess > value) guess -= 1n;
  while ((guess + 1n) * (guess + 1n) <= value) guess += 1n;
  return guess;
}

/**
 * How much of the quote asset raises the price by so many basis points, in minor units: the pool's depth.
 * From the constant product: `y·(√(1 + p) − 1)`, the fee left out.
 */
export function depth(pool: PoolJson, moveBps: number): bigint {
  const reserve = minorOf(pool.quoteReserve);
  return squareRoot((reserve * reserve * (BPS + BigInt(moveBps))) / BPS) - reserve;
}

/** Whether there is anything to trade with. */
export function isEmpty(pool: PoolJson): boolean {
  return minorOf(pool.baseReserve) <= 0n || minorOf(pool.quoteReserve) <= 0n;
}

export function isPaused(pool: PoolJson): boolean {
  return pool.state === "STATE_PAUSED";
}

/** The other side of an amount of liquidity, in the ratio of the reserves; rounded up like the server's. */
export function linkedAmount(pool: PoolJson, side: "base" | "quote", amount: bigint): bigint {
  const base = minorOf(pool.baseReserve);
  const quote = minorOf(pool.quoteReserve);
  if (base <= 0n || quote <= 0n) return 0n;
  return side === "base" ? ceilDiv(amount * quote, base) : ceilDiv(amount * base, quote);
}

export interface LiquidityPlan {
  shares: bigint;
  base: bigint;
  quote: bigint;
}

/** What adding at most these amounts comes to now: the shares, and what they cost. */
export function planAdding(pool: PoolJson, base: bigint, quote: bigint): LiquidityPlan {
  const [x, y, supply] = [
    minorOf(pool.baseReserve),
    minorOf(pool.quoteReserve),
    minorOf(pool.shareSupply),
  ];
  if (x <= 0n || y <= 0n) return { shares: 0n, base: 0n, quote: 0n };
  const byBase = (base * supply) / x;
  const byQuote = (quote * supply) / y;
  const shares = byBase < byQuote ? byBase : byQuote;
  return { shares, base: ceilDiv(shares * x, supply), quote: ceilDiv(shares * y, supply) };
}

/** What removing shares gives now. */
export function planRemoving(pool: PoolJson, shares: bigint): LiquidityPlan {
  const supply = minorOf(pool.shareSupply);
  if (supply <= 0n) return { shares, base: 0n, quote: 0n };
  return {
    shares,
    base: (shares * minorOf(pool.baseReserve)) / supply,
    quote: (shares * minorOf(pool.quoteReserve)) / supply,
  };
}

/** A part of a whole in basis points, rounded down. */
export function shareBps(part: bigint, all: bigint): number {
  return all > 0n ? Number((part * BPS) / all) : 0;
}

/** What a position is worth altogether, in minor units of the quote asset, at the price now. */
export function worthInQuote(pool: PoolJson, base: bigint, quote: bigint): bigint {
  const reserve = minorOf(pool.baseReserve);
  return reserve > 0n ? quote + (base * minorOf(pool.quoteReserve)) / reserve : quote;
}

/** A part of an amount: `percent` of it, rounded down; all of it for 100. */
export function partOf(amount: bigint, percent: number): bigint {
  return (amount * BigInt(percent)) / 100n;
}
