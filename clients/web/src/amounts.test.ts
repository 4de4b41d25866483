import { describe, expect, test } from "vitest";
import { editableAmount, formatAmount, parseAmount } from "@/amounts";

const NBSP = "\u00a0";

describe("an amount is shown", () => {
  test.each([
    ["123450", 2, {}, "en", "1,234.50"],
    ["123450", 2, {}, "ru", `1${NBSP}234,50`],
    ["12345678", 2, {}, "ru", `123${NBSP}456,78`],
    [undefined, 2, {}, "en", "0.00"],
    ["5", 2, {}, "en", "0.05"],
    ["-5", 2, {}, "en", "−0.05"],
    ["5", 2, { signed: true }, "en", "+0.05"],
    ["1200", 2, { trimmed: true }, "en", "12"],
    ["1250", 2, { trimmed: true }, "en", "12.5"],
    ["7", 0, {}, "en", "7"],
    ["9223372036854775807", 9, {}, "en", "9,223,372,036.854775807"],
    ["99999", 2, { compact: true }, "en", "999.99"],
    ["500000", 2, { compact: true }, "en", "5k"],
    ["123456789", 2, { compact: true }, "en", "1.23m"],
    ["99999999", 2, { compact: true }, "en", "999k"],
    ["120000000", 2, { compact: true }, "ru", "1,2m"],
    ["9223372036854775807", 0, { compact: true }, "en", "9,223,372t"],
  ] as const)("%s of %i decimals, %o, %s: %s", (minor, decimals, style, locale, shown) => {
    expect(formatAmount(minor, decimals, style, locale)).toBe(shown);
  });
});

describe("an amount is read", () => {
  test.each([
    ["1,234.5", 2, "en", 123450n],
    ["1234.5", 2, "en", 123450n],
    [" 1 234.50 ", 2, "en", 123450n],
    ["5k", 2, "en", 500000n],
    ["1.2m", 2, "en", 120000000n],
    ["1.2345678m", 2, "en", 123456780n],
    ["2b", 2, "en", 200000000000n],
    ["0.5", 2, "en", 50n],
    [".5", 2, "en", 50n],
    ["7.", 2, "en", 700n],
    ["1.50000", 2, "en", 150n],
    ["1 234,5", 2, "ru", 123450n],
    ["1,5", 2, "ru", 150n],
    ["1.5", 2, "ru", 150n],
    ["5к", 2, "ru", 500000n],
    ["1,2 млн", 2, "ru", 120000000n],
    ["3 тыс.", 0, "ru", 3000n],
    ["9223372036854775807", 0, "en", 9223372036854775807n],
    ["0.1", 9, "en", 100000000n],
  ] as const)("%s of %i decimals in %s is %i", (typed, decimals, locale, minor) => {
    expect(parseAmount(typed, decimals, locale)).toEqual({ minor });
  });

  test.each([
    ["", 2, "en", "empty"],
    ["  ", 2, "en", "empty"],
    ["-5", 2, "en", "negative"],
    ["−5", 2, "en", "negative"],
    ["0", 2, "en", "zero"],
    ["0.00", 2, "en", "zero"],
    ["0.001", 2, "en", "decimals"],
    ["1.5", 0, "en", "decimals"],
    ["1.2345k", 0, "en", "decimals"],
    // Half a group, two commas, or a comma where a point is meant: nobody guesses with money.
    ["1,5", 2, "en", "unreadable"],
    ["1,2345", 2, "en", "unreadable"],
    ["1.2.3", 2, "en", "unreadable"],
    ["1e5", 2, "en", "unreadable"],
    ["0x10", 2, "en", "unreadable"],
    ["five", 2, "en", "unreadable"],
    ["5kk", 2, "en", "unreadable"],
    ["Infinity", 2, "en", "unreadable"],
    ["٣", 2, "en", "unreadable"],
    ["constructor", 2, "en", "unreadable"],
    ["1constructor", 2, "en", "unreadable"],
    ["9223372036854775808", 0, "en", "large"],
    ["9".repeat(400), 2, "en", "large"],
  ] as const)("%s of %i decimals in %s is refused: %s", (typed, decimals, locale, refused) => {
    expect(parseAmount(typed, decimals, locale)).toEqual({ refused });
  });
});

test("what an input shows is read as the same amount", () => {
  for (const locale of ["en", "ru"])
    for (const minor of [1n, 50n, 123n, 123400n, 999999999999n])
      expect(parseAmount(editableAmount(minor, 2, locale), 2, locale)).toEqual({ minor });
});
