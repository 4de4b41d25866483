import { describe, expect, it } from "vitest";
import type { PoolJson } from "./types";
import {
  changeBps,
  depth,
  impactLevel,
  isEmpty,
  leastOf,
  linkedAmount,
  partOf,
  planAdding,
  planRemoving,
  shareBps,
  squareRoot,
  swapLimit,
  withinLimit,
  worthInQuote,
} from "./trading";

// The pool of docs/amm.md: 10,000 pieces of iron and 10,000.00 bronze.
const pool: PoolJson = {
  poolId: "iron-bronze",
  baseReserve: "10000",
  quoteReserve: "1000000",
  shareSupply: "100000",
  feeBps: 30,
};

describe("limits", () => {
  it("asks for at least the quoted amount less the slippage, rounded up", () => {
    expect(swapLimit("in", 906n, 100)).toBe(897n); // 896.94
    expect(swapLimit("in", 906n, 0)).toBe(906n);
    expect(swapLimit("in", 1n, 50)).toBe(1n);
  });
  it("gives at most the quoted amount and the slippage, rounded down", () => {
    expect(swapLimit("out", 906n, 100)).toBe(915n); // 915.06
    expect(swapLimit("out", 3n, 100)).toBe(3n);
  });
  it("stays exact at the edge of an int64", () => {
    expect(swapLimit("in", 9223372036854775807n, 1)).toBe(9222449699651090330n);
  });
  it("tells whether a newer quote still keeps the promise", () => {
    expect(withinLimit("in", 897n, 897n)).toBe(true);
    expect(withinLimit("in", 896n, 897n)).toBe(false);
    expect(withinLimit("out", 915n, 915n)).toBe(true);
    expect(withinLimit("out", 916n, 915n)).toBe(false);
  });
  it("rounds the least of liquidity up as well", () => {
    expect(leastOf(1001n, 50)).toBe(996n); // 995.995
  });
});

describe("prices", () => {
  it("levels the impact", () => {
    expect([0, 99, 100, 499, 500].map(impactLevel)).toEqual([
      "low",
      "low",
      "noticeable",
      "noticeable",
      "high",
    ]);
  });
  it("tells a change in basis points, and nothing where there was no price", () => {
    expect(changeBps("2", "2.1")).toBe(500);
    expect(changeBps("2", "1.9")).toBe(-500);
    expect(changeBps(undefined, "2")).toBeUndefined();
    expect(changeBps("0", "2")).toBeUndefined();
    expect(changeBps("2", undefined)).toBeUndefined();
  });
});

describe("depth", () => {
  it("takes integer square roots, of great numbers too", () => {
    for (const root of [0n, 1n, 2n, 3n, 10n, 999_999n, 10n ** 18n, 9223372036854775807n]) {
      expect(squareRoot(root * root)).toBe(root);
      if (root > 0n) expect(squareRoot(root * root - 1n)).toBe(root - 1n);
      expect(squareRoot(root * root + root)).toBe(root);
    }
  });
  it("is what moves the price by so much", () => {
    const given = depth(pool, 100);
    expect(given).toBe(4987n);
    const before = 1_000_000 / 10_000;
    const quote = 1_000_000 + Number(given);
    const after = quote / ((10_000 * 1_000_000) / quote);
    expect(after / before).toBeCloseTo(1.01, 4);
  });
  it("of an empty pool is nothing", () => {
    expect(isEmpty({})).toBe(true);
    expect(isEmpty(pool)).toBe(false);
    expect(depth({}, 100)).toBe(0n);
  });
});

describe("liquidity", () => {
  it("links the other amount by the reserves, rounded up", () => {
    expect(linkedAmount(pool, "base", 10n)).toBe(1000n);
    expect(linkedAmount(pool, "quote", 1001n)).toBe(11n);
    expect(linkedAmount({}, "base", 10n)).toBe(0n);
  });
  it("plans what adding takes and gives", () => {
    expect(planAdding(pool, 1000n, 200_000n)).toEqual({
      shares: 10_000n,
      base: 1000n,
      quote: 100_000n,
    });
    expect(planAdding(pool, 0n, 1000n).shares).toBe(0n);
    expect(planAdding({}, 5n, 5n)).toEqual({ shares: 0n, base: 0n, quote: 0n });
  });
  it("plans what removing gives: never more than adding took", () => {
    const odd: PoolJson = { baseReserve: "9973", quoteReserve: "1002713", shareSupply: "99991" };
    const added = planAdding(odd, 777n, 10n ** 9n);
    const removed = planRemoving(odd, added.shares);
    expect(removed.base <= added.base && removed.quote <= added.quote).toBe(true);
    expect(planRemoving({}, 5n)).toEqual({ shares: 5n, base: 0n, quote: 0n });
  });
  it("tells shares and worth", () => {
    expect(shareBps(1n, 3n)).toBe(3333);
    expect(shareBps(1n, 0n)).toBe(0);
    expect(worthInQuote(pool, 10n, 1000n)).toBe(2000n);
    expect(partOf(999n, 25)).toBe(249n);
    expect(partOf(999n, 100)).toBe(999n);
  });
});
