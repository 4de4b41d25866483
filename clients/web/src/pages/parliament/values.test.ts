import { describe, expect, it } from "vitest";
import type { ParameterJson } from "./types";
import { readNumber, readSpan, readValue, sameValue, typed, typedSpan, typedValue } from "./values";

const QUORUM: ParameterJson = {
  type: "TYPE_BASIS_POINTS",
  minimum: "1",
  maximum: "9000",
  value: { integer: "1000" },
};

describe("values of parameters", () => {
  it("are typed as people write them", () => {
    expect(typed("1000", 2)).toBe("10");
    expect(typed("1005", 2)).toBe("10.05");
    expect(typed("5", 2)).toBe("0.05");
    expect(typed("86400", 0)).toBe("86400");
    expect(typed("-150", 2)).toBe("-1.5");
  });
  it("are read back, with a point or a comma, and never rounded", () => {
    expect(readNumber("10.05", 2)).toBe(1005n);
    expect(readNumber("10,5", 2)).toBe(1050n);
    expect(readNumber("1 000", 0)).toBe(1000n);
    expect(readNumber("0.001", 2)).toBeUndefined();
    for (const bad of ["", "x", "1e3", "--1", "1.2.3", "9".repeat(30)]) {
      expect(readNumber(bad, 2)).toBeUndefined();
    }
  });
  it("are checked against type and bounds", () => {
    expect(readValue(QUORUM, "5", 2)).toEqual({ value: { integer: "500" } });
    expect(readValue(QUORUM, "0", 2).problem).toBe("too-small");
    expect(readValue(QUORUM, "90.01", 2).problem).toBe("too-great");
    expect(readValue(QUORUM, "many", 2).problem).toBe("not-a-number");
    expect(readValue(QUORUM, " ", 2).problem).toBe("missing");
    expect(readValue(QUORUM, "10", 2).problem).toBe("same");
  });
  it("may be yes or no, a choice, or a list", () => {
    const yes: ParameterJson = { type: "TYPE_BOOLEAN", value: { boolean: false } };
    expect(readValue(yes, "true", 2)).toEqual({ value: { boolean: true } });
    expect(readValue(yes, "maybe", 2).problem).toBe("unknown");
    const choice: ParameterJson = { type: "TYPE_CHOICE", choices: ["refund", "extend_once"] };
    expect(readValue(choice, "refund", 2)).toEqual({ value: { choice: "refund" } });
    expect(readValue(choice, "burn", 2).problem).toBe("unknown");
    const list: ParameterJson = {
      type: "TYPE_INTEGER_LIST",
      minimum: "2",
      maximum: "200",
      leastCount: 3,
      greatestCount: 3,
    };
    expect(readValue(list, "20, 40; 60", 2)).toEqual({
      value: { integers: { values: ["20", "40", "60"] } },
    });
    expect(readValue(list, "20 40", 2).problem).toBe("count");
    expect(readValue(list, "20 40 600", 2).problem).toBe("too-great");
    expect(readValue(list, "20 40 x", 2).problem).toBe("not-a-number");
  });
  it("are compared by what they say", () => {
    expect(sameValue({ integer: "5" }, { integer: "5" })).toBe(true);
    expect(sameValue({ boolean: false }, { boolean: true })).toBe(false);
    expect(sameValue({ integers: { values: ["1", "2"] } }, { integers: { values: ["1", "2"] } })).toBe(
      true,
    );
  });
});

describe("time spans", () => {
  it("are typed with their units, in either language, and read back", () => {
    expect(readSpan("2d")).toBe(172_800n);
    expect(readSpan("1d 12h")).toBe(129_600n);
    expect(readSpan("1д 12ч")).toBe(129_600n);
    expect(readSpan("90")).toBe(90n);
    for (const bad of ["", "d", "1.5d", "2w", "-1d"]) expect(readSpan(bad)).toBeUndefined();
    for (const seconds of [0n, 59n, 3_600n, 129_645n]) {
      expect(readSpan(typedSpan(seconds, "dhms"))).toBe(seconds);
      expect(readSpan(typedSpan(seconds, "дчмс"))).toBe(seconds);
    }
  });
  it("are checked like other numbers", () => {
    const period: ParameterJson = { type: "TYPE_DURATION", minimum: "60", maximum: "86400" };
    expect(readValue(period, "2h", 2)).toEqual({ value: { integer: "7200" } });
    expect(readValue(period, "2d", 2).problem).toBe("too-great");
    expect(readValue(period, "soon", 2).problem).toBe("not-a-number");
  });
});

describe("what is in the field at first", () => {
  it("is what would be read as the same value", () => {
    const cases: ParameterJson[] = [
      { type: "TYPE_INTEGER", value: { integer: "28" } },
      { type: "TYPE_BASIS_POINTS", value: { integer: "1005" } },
      { type: "TYPE_AMOUNT", value: { integer: "12345" } },
      { type: "TYPE_DURATION", value: { integer: "129600" } },
      { type: "TYPE_BOOLEAN", value: { boolean: true } },
      { type: "TYPE_CHOICE", value: { choice: "none" }, choices: ["none"] },
      { type: "TYPE_INTEGER_LIST", value: { integers: { values: ["20", "40"] } } },
      { type: "TYPE_INTEGER_LIST", unit: "minor units", value: { integers: { values: ["150", "40"] } } },
    ];
    for (const found of cases) {
      const parameter = { ...found, minimum: "0", maximum: "1000000", leastCount: 1, greatestCount: 3 };
      const shown = typedValue(parameter, parameter.value, 2, "dhms");
      expect(readValue(parameter, shown, 2).problem, shown).toBe("same");
    }
  });
});
