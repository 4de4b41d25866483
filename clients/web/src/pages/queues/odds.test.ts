import { describe, expect, it } from "vitest";
import { fullness, placesLeft, randomNonce, secondsUntil, tierAbove, winsInGroups } from "./odds";

describe("a round's figures", () => {
  it("tell how full it is", () => {
    expect(fullness({ players: 5, places: 20 })).toBe(0.25);
    expect(fullness({ places: 20 })).toBe(0);
    expect(fullness({})).toBe(0);
    expect(placesLeft({ players: 5, places: 20 })).toBe(15);
  });
  it("tell the tier above", () => {
    expect(tierAbove("BRONZE")).toBe("SILVER");
    expect(tierAbove("DIAMOND")).toBeUndefined();
    expect(tierAbove("WOOD")).toBeUndefined();
  });
  it("count down to 0, and not below", () => {
    const now = Date.parse("2026-11-22T00:00:00Z");
    expect(secondsUntil("2026-11-22T00:00:01.2Z", now)).toBe(2);
    expect(secondsUntil("2026-11-21T00:00:00Z", now)).toBe(0);
    expect(secondsUntil(undefined, now)).toBeUndefined();
    expect(secondsUntil("soon", now)).toBeUndefined();
  });
  it("group wins by neighbours", () => {
    expect(winsInGroups(["1", "2", "3", "4", "5"], 2)).toEqual([3, 7, 5]);
    expect(winsInGroups([], 5)).toEqual([]);
  });
  it("add 32 random bytes to the draw", () => {
    expect(atob(randomNonce())).toHaveLength(32);
    expect(randomNonce()).not.toBe(randomNonce());
  });
});
