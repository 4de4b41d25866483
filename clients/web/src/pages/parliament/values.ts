/**
 * Values of parameters: read from what somebody typed, checked against the bounds, and compared. The server
 * checks all of it again; here a mistake is told while it is typed.
 */
import type { ParameterJson, ParameterValueJson } from "./types";

export type Problem = "missing" | "not-a-number" | "too-small" | "too-great" | "count" | "unknown" | "same";

export type Parsed = { value: ParameterValueJson; problem?: undefined } | { value?: undefined; problem: Problem };

/** How a number of the wire is typed: so many digits after the point. */
export function typedDecimals(parameter: ParameterJson, ticketDecimals: number): number {
  if (parameter.type === "TYPE_BASIS_POINTS") return 2;
  return parameter.type === "TYPE_AMOUNT" ? ticketDecimals : 0;
}

/** Writes a number of the wire as somebody would type it: basis points as percent, amounts in whole units. */
export function typed(value: string, decimals: number): string {
  const negative = value.startsWith("-");
  const digits = (negative ? value.slice(1) : value).padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return `${negative ? "-" : ""}${digits.slice(0, point)}${fraction ? `.${fraction}` : ""}`;
}

/** Reads a typed number with at most so many digits after the point, as a whole number of the wire. */
export function readNumber(text: string, decimals: number): bigint | undefined {
  const match = /^(-?)(\d{1,18})(?:[.,](\d+))?$/.exec(text.trim().replace(/[\s ]/g, ""));
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  if (fraction.length > decimals) return undefined;
  const minor = BigInt(match[2]! + fraction.padEnd(decimals, "0"));
  return match[1] ? -minor : minor;
}

/** Reads what somebody typed for a parameter. Numbers of a list are separated by commas, semicolons or blanks. */
export function readValue(parameter: ParameterJson, text: string, ticketDecimals: number): Parsed {
  const trimmed = text.trim();
  if (trimmed === "") return { problem: "missing" };
  const parsed = readByType(parameter, trimmed, ticketDecimals);
  if (parsed.value !== undefined && sameValue(parsed.value, parameter.value)) {
    return { problem: "same" };
  }
  return parsed;
}

function readByType(parameter: ParameterJson, text: string, ticketDecimals: number): Parsed {
  switch (parameter.type) {
    case "TYPE_BOOLEAN":
      return text === "true" || text === "false"
        ? { value: { boolean: text === "true" } }
        : { problem: "unknown" };
    case "TYPE_CHOICE":
      return parameter.choices?.includes(text)
        ? { value: { choice: text } }
        : { problem: "unknown" };
    case "TYPE_INTEGER_LIST":
      return readList(parameter, text);
    default: {
      const number = readNumber(text, typedDecimals(parameter, ticketDecimals));
      if (number === undefined) return { problem: "not-a-number" };
      const problem = outOfBounds(parameter, number);
      return problem ? { problem } : { value: { integer: String(number) } };
    }
  }
}

function readList(parameter: ParameterJson, text: string): Parsed {
  const numbers = text.split(/[\s,;]+/).filter(Boolean).map((part) => readNumber(part, 0));
  const values: string[] = [];
  for (const number of numbers) {
    if (number === undefined) return { problem: "not-a-number" };
    const problem = outOfBounds(parameter, number);
    if (problem) return { problem };
    values.push(String(number));
  }
  const { leastCount = 1, greatestCount = 64 } = parameter;
  if (values.length < leastCount || values.length > greatestCount) return { problem: "count" };
  return { value: { integers: { values } } };
}

function outOfBounds(parameter: ParameterJson, number: bigint): Problem | undefined {
  if (number < BigInt(parameter.minimum ?? "0")) return "too-small";
  if (number > BigInt(parameter.maximum ?? "0")) return "too-great";
  return undefined;
}

/** Whether two values are the same; a value that says nothing is 0, no, or empty. */
export function sameValue(one: ParameterValueJson | undefined, other: ParameterValueJson | undefined): boolean {
  return text(one) === text(other);
}

function text(value: ParameterValueJson | undefined): string {
  if (value?.integers) return (value.integers.values ?? []).join(",");
  return value?.choice ?? String(value?.boolean ?? value?.integer ?? "");
}
