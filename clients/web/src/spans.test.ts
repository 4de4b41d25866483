import { describe, expect, it } from "vitest";
import { formatSpan, secondsOf, spanParts } from "@/spans";

describe("time spans", () => {
  it("are told in their two greatest units", () => {
    expect(spanParts(90_061)).toEqual([
      { count: 1, unit: "day" },
      { count: 1, unit: "hour" },
    ]);
    expect(spanParts(86_405)).toEqual([{ count: 1, unit: "day" }]);
    expect(spanParts(59)).toEqual([{ count: 59, unit: "second" }]);
    expect(spanParts(0)).toEqual([{ count: 0, unit: "second" }]);
    expect(spanParts(-5)).toEqual([{ count: 0, unit: "second" }]);
  });
  it("are written in the language of the page", () => {
    expect(formatSpan(183_600, "en")).toBe("2 days 3 hr");
    expect(formatSpan(183_600, "ru")).toBe("2 дня 3 ч");
  });
  it("are read from the wire", () => {
    expect(secondsOf("3.5s")).toBe(3.5);
    expect(secondsOf("86400s")).toBe(86_400);
    expect(secondsOf(undefined)).toBeUndefined();
  });
});
