import { describe, expect, it } from "vitest";
import { direction, KEPT_TICKS, mergeTicks } from "./ticks";
import { sparkline } from "./sparkline";

describe("ticks", () => {
  it("merge newest first, each once", () => {
    const known = [{ sequence: "9", price: "2" }];
    const merged = mergeTicks(known, [
      { sequence: "10", price: "3" },
      { sequence: "10", index: 1, price: "4" },
      { sequence: "9", price: "2" },
    ]);
    expect(merged.map((tick) => tick.price)).toEqual(["4", "3", "2"]);
    expect(merged.map((_, at) => direction(merged, at))).toEqual(["up", "up", "same"]);
  });
  it("are kept to a bounded number", () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ sequence: String(at) }));
    const kept = mergeTicks([], many);
    expect(kept).toHaveLength(KEPT_TICKS);
    expect(kept[0]?.sequence).toBe("499");
  });
});

describe("sparklines", () => {
  it("go from left to right, the highest on top", () => {
    expect(sparkline([1, 3, 2], 100, 20)).toBe("M0 20L50 0L100 10");
  });
  it("are level for one value, or for equal ones, and nothing for none", () => {
    expect(sparkline([5], 100, 20)).toBe("M0 10L100 10");
    expect(sparkline([5, 5], 100, 20)).toBe("M0 10L100 10");
    expect(sparkline([], 100, 20)).toBe("");
    expect(sparkline([Number.NaN], 100, 20)).toBe("");
  });
});
