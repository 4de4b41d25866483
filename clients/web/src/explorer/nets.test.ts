import { describe, expect, it } from "vitest";
import { mainPosting, netOf, othersOf } from "@/explorer/nets";
import { microsAfter } from "@/explorer/times";

const SWAP = {
  postings: [
    { source: "users/a", destination: "system/sink", asset: "BRONZE", amount: "1" },
    { source: "users/a", destination: "pools/iron", asset: "BRONZE", amount: "9007199254740993" },
    { source: "pools/iron", destination: "users/a", asset: "IRON", amount: "5" },
    { source: "pools/iron", destination: "users/a", asset: "COAL", amount: "5" },
    { source: "users/a", destination: "pools/iron", asset: "COAL", amount: "5" },
  ],
};

describe("postings", () => {
  it("add up to what they did to an account", () => {
    expect(netOf(SWAP, "users/a")).toEqual([["BRONZE", -9007199254740994n], ["IRON", 5n]]);
    expect(netOf(SWAP, "users/b")).toEqual([]);
    expect(netOf({}, "users/a")).toEqual([]);
  });

  it("tell who was on the other side", () => {
    expect(othersOf(SWAP, "users/a")).toEqual(["system/sink", "pools/iron"]);
    expect(othersOf(SWAP, "pools/iron")).toEqual(["users/a"]);
  });

  it("that are fees tell least", () => {
    expect(mainPosting(SWAP)).toBe(SWAP.postings[1]);
    expect(mainPosting({ postings: SWAP.postings.slice(0, 1) })).toBe(SWAP.postings[0]);
  });
});

describe("times", () => {
  it("are exact to the microsecond", () => {
    expect(microsAfter("2026-01-02T03:04:05.678901Z", 1n)).toBe("2026-01-02T03:04:05.678902Z");
    expect(microsAfter("2026-01-02T03:04:05.999999Z", 1n)).toBe("2026-01-02T03:04:06.000000Z");
    expect(microsAfter("2026-01-02T03:04:05Z", 1n)).toBe("2026-01-02T03:04:05.000001Z");
    expect(microsAfter("2026-01-02T03:04:05.5Z", 0n)).toBe("2026-01-02T03:04:05.500000Z");
  });
});
