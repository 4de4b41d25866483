import { describe, expect, it } from "vitest";
import { csvOf } from "./downloads";

describe("a CSV file", () => {
  it("has the names of all rows, and quotes what needs it", () => {
    const rows = [{ day: "2026-01-01", minted: "5" }, { day: 'a "b", c', burned: -7 }];
    expect(csvOf(rows)).toBe('day,minted,burned\r\n2026-01-01,5,\r\n"a ""b"", c",,-7\r\n');
  });

  it("has no formulas", () => {
    expect(csvOf([{ memo: "=1+1" }, { memo: "@x" }, { memo: "-1.50" }])).toBe("memo\r\n'=1+1\r\n'@x\r\n-1.50\r\n");
  });

  it("of nothing is empty", () => expect(csvOf([])).toBe("\r\n"));
});
