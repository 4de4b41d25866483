import { describe, expect, it } from "vitest";
import type { ParameterJson } from "./types";
import { readNumber, readValue, sameValue, typed } from "./values";

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
