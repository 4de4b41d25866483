import { describe, expect, it } from "vitest";
import { grownBy } from "./candle_chart";
import { applyTick, mergeBars, priceDigits, readBar, type Bar } from "./candles";

function bar(time: number, close: number, sequence: bigint): Bar {
  return { time, open: 1, high: Math.max(1, close), low: 1, close, volume: 5, trades: 1, sequence };
}

describe("candles", () => {
  it("are read from the wire, what is missing as nothing", () => {
    const read = readBar({
      startTime: "2026-11-22T00:01:00Z",
      open: "0.0625",
      high: "0.07",
      low: "0.06",
      close: "0.065",
      volume: "123",
      tradeCount: "4",
      lastSequence: "99",
    });
    expect(read.time).toBe(Date.UTC(2026, 10, 22, 0, 1) / 1000);
    expect([read.open, read.high, read.low, read.close]).toEqual([0.0625, 0.07, 0.06, 0.065]);
    expect([read.volume, read.trades, read.sequence]).toEqual([123, 4, 99n]);
    expect(readBar({ startTime: "2026-11-22T00:01:00Z" }).volume).toBe(0);
  });

  it("merge by their beginning: newer replaces, older does not, order is by time", () => {
    const bars = [bar(60, 2, 10n), bar(120, 3, 20n)];
    const merged = mergeBars(bars, [bar(180, 4, 30n), bar(0, 1, 5n), bar(120, 9, 25n)]);
    expect(merged.map((one) => one.time)).toEqual([0, 60, 120, 180]);
    expect(merged[2]?.close).toBe(9);
    expect(mergeBars(merged, [bar(120, 3, 20n)])[2]?.close).toBe(9);
    expect(mergeBars(bars, [])).toEqual(bars);
  });

  it("grow by a trade that they do not count yet", () => {
    const bars = [bar(60, 2, 10n)];
    const tick = { price: "0.5", size: "3", sequence: "11", tradeTime: "1970-01-01T00:01:30.5Z" };
    const grown = applyTick(bars, tick, "MINUTE");
    expect(grown[0]).toMatchObject({ low: 0.5, close: 0.5, volume: 8, trades: 2, sequence: 11n });
    expect(applyTick(grown, tick, "MINUTE")).toEqual(grown);
    const later = applyTick(
      grown,
      { ...tick, sequence: "12", tradeTime: "1970-01-01T00:02:00Z" },
      "MINUTE",
    );
    expect(later.map((one) => one.time)).toEqual([60, 120]);
    expect(later[1]).toMatchObject({ open: 0.5, close: 0.5, volume: 3 });
  });

  it("ignore trades of before, and such without price or time", () => {
    const bars = [bar(120, 2, 10n)];
    const old = { price: "9", size: "1", sequence: "11", tradeTime: "1970-01-01T00:01:00Z" };
    expect(applyTick(bars, old, "MINUTE")).toEqual(bars);
    expect(applyTick(bars, { sequence: "12" }, "MINUTE")).toEqual(bars);
    expect(applyTick(bars, { ...old, price: "x", tradeTime: old.tradeTime }, "MINUTE")).toEqual(
      bars,
    );
  });

  it("show enough digits for their prices", () => {
    expect([2, 0.0625, 5000, 0].map(priceDigits)).toEqual([4, 6, 2, 2]);
  });
});

describe("the chart", () => {
  const [one, two, three] = [bar(60, 2, 10n), bar(120, 3, 20n), bar(180, 4, 30n)];

  it("draws only what grew at the end", () => {
    expect(grownBy([one, two], [one, two])).toEqual([]);
    expect(grownBy([one, two], [one, two, three])).toEqual([three]);
    const grown = bar(120, 5, 21n);
    expect(grownBy([one, two], [one, grown, three])).toEqual([grown, three]);
  });
  it("draws all of it again when something before is different", () => {
    expect(grownBy([], [one])).toBeUndefined();
    expect(grownBy([two], [one, two])).toBeUndefined();
    expect(grownBy([one, two], [bar(60, 9, 11n), two])).toBeUndefined();
    expect(grownBy([one, two], [one])).toBeUndefined();
  });
});
