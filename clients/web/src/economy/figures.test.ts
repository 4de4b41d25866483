import { describe, expect, it } from "vitest";
import { activePeople, asSteps, byCause, byDay, chartDays, circulating, daysBetween, windowOf } from "@/economy/figures";

const DAYS = daysBetween("2026-02-27", "2026-03-02");

describe("days", () => {
  it("follow each other, over the end of a month", () => {
    expect(DAYS).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    expect(windowOf(4, "2026-03-02")).toEqual({ first: "2026-02-27", last: "2026-03-02" });
    expect(daysBetween("2026-03-02", "2026-03-01")).toEqual([]);
  });
});

describe("supplies", () => {
  it("stay as they were on days without a row", () => {
    const rows = [{ day: "2026-02-28", circulating: "9007199254740993" }, { day: "2026-03-02" }];
    expect(circulating(rows, DAYS)).toEqual([0n, 9007199254740993n, 9007199254740993n, 0n]);
  });

  it("go on from a row before the window", () => {
    expect(circulating([{ day: "2026-01-01", circulating: "5" }], DAYS)).toEqual([5n, 5n, 5n, 5n]);
  });
});

describe("charts", () => {
  it("begin with the first day that has something to tell", () => {
    expect(chartDays([{ day: "2026-03-01" }], "2026-02-27", "2026-03-02")).toEqual(DAYS.slice(2));
    expect(chartDays([{ day: "2026-01-01" }], "2026-02-27", "2026-03-02")).toEqual(DAYS);
    expect(chartDays([], "2026-02-27", "2026-03-02")).toEqual(DAYS);
  });

  it("give each day its width, the last one too", () => {
    const day = Date.parse("2026-03-02") / 1000;
    expect(asSteps(["2026-03-02"], [5])).toEqual({ x: [day, day + 86_400], values: [5, 5] });
    expect(asSteps([], [])).toEqual({ x: [], values: [] });
  });
});

describe("flows", () => {
  const flows = [
    { day: "2026-02-27", kind: "KIND_MINT", party: "users", transactionCount: "2", minted: "10" },
    { day: "2026-02-28", kind: "KIND_MINT", party: "users", transactionCount: "1", minted: "5" },
    { day: "2026-02-28", kind: "KIND_TRANSFER", transactionCount: "4", moved: "70", burned: "1" },
    { day: "2026-03-02", kind: "KIND_QUEUE_DRAWN", transactionCount: "1", burned: "2000" },
  ] as const;

  it("add up by their cause, what makes and takes most first", () => {
    expect(byCause(flows)).toEqual([
      { key: "KIND_QUEUE_DRAWN", transactions: 1, moved: 0n, minted: 0n, burned: 2000n },
      { key: "KIND_MINT users", transactions: 3, moved: 0n, minted: 15n, burned: 0n },
      { key: "KIND_TRANSFER", transactions: 4, moved: 70n, minted: 0n, burned: 1n },
    ]);
  });

  it("add up by day, with days on which there was nothing", () => {
    const sums = byDay(flows, DAYS).map(({ minted, burned }) => [minted, burned]);
    expect(sums).toEqual([[10n, 0n], [5n, 1n], [0n, 0n], [0n, 2000n]]);
  });
});

describe("people", () => {
  it("were nobody on days that are left out", () => {
    expect(activePeople([{ day: "2026-02-28", activePeople: 3 }], DAYS)).toEqual([0, 3, 0, 0]);
  });
});
