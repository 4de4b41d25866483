/**
 * Values of parameters: read from what somebody typed, checked against the bounds, and compared. The server
 * checks all of it again; here a mistake is told while it is typed.
 */
import type { ParameterJson, ParameterValueJson } from "./types";

export type Problem = "missing" | "not-a-number" | "too-small" | "too-great" | "count" | "unknown" | "same";

export type Parsed = { value: ParameterValueJson; problem?: undefined } | { value?: undefined; problem: Problem };

/** Whether its numbers are amounts of BRONZE. A list says so by its unit. */
export function isMoney(parameter: ParameterJson): boolean {
  return parameter.type === "TYPE_AMOUNT" || parameter.unit === "minor units";
}

/** How a number of the wire is typed: so many digits after the point. */
export function typedDecimals(parameter: ParameterJson, ticketDecimals: number): number {
  if (parameter.type === "TYPE_BASIS_POINTS") return 2;
  return isMoney(parameter) ? ticketDecimals : 0;
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

const SPANS: Record<string, bigint> = {
  d: 86_400n, д: 86_400n,
  h: 3_600n, ч: 3_600n,
  m: 60n, м: 60n,
  s: 1n, с: 1n,
};

/** Reads a typed time span such as `2d`, `1d 12h` or `90m`, in seconds; a bare number is seconds. */
export function readSpan(text: string): bigint | undefined {
  const compact = text.toLowerCase().replace(/\s/g, "");
  if (/^\d{1,12}$/.test(compact)) return BigInt(compact);
  if (!/^(\d{1,9}[dhmsдчмс])+$/.test(compact)) return undefined;
  let seconds = 0n;
  for (const [, count, unit] of compact.matchAll(/(\d+)(\D)/g)) seconds += BigInt(count!) * SPANS[unit!]!;
  return seconds;
}

/** Writes seconds as somebody would type them, in the language's own letters. */
export function typedSpan(seconds: bigint, letters: string): string {
  let left = seconds;
  const parts: string[] = [];
  for (const [at, length] of [86_400n, 3_600n, 60n, 1n].entries()) {
    if (left >= length) parts.push(`${left / length}${letters[at]}`);
    left %= length;
  }
  return parts.join(" ") || `0${letters[3]}`;
}

/** A value as somebody would type it. */
export function typedValue(parameter: ParameterJson, value: ParameterValueJson | undefined, ticketDecimals: number, letters: string): string {
  const decimals = typedDecimals(parameter, ticketDecimals);
  if (parameter.type === "TYPE_BOOLEAN") return String(value?.boolean ?? false);
  if (parameter.type === "TYPE_CHOICE") return value?.choice ?? "";
  if (parameter.type === "TYPE_INTEGER_LIST") return (value?.integers?.values ?? []).map((one) => typed(one, decimals)).join(" ");
  if (parameter.type === "TYPE_DURATION") return typedSpan(BigInt(value?.integer ?? "0"), letters);
  return typed(value?.integer ?? "0", decimals);
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
      return readList(parameter, text, typedDecimals(parameter, ticketDecimals));
    case "TYPE_DURATION": {
      const seconds = readSpan(text);
      if (seconds === undefined) return { problem: "not-a-number" };
      const problem = outOfBounds(parameter, seconds);
      return problem ? { problem } : { value: { integer: String(seconds) } };
    }
    default: {
      const number = readNumber(text, typedDecimals(parameter, ticketDecimals));
      if (number === undefined) return { problem: "not-a-number" };
      const problem = outOfBounds(parameter, number);
      return problem ? { problem } : { value: { integer: String(number) } };
    }
  }
}

function readList(parameter: ParameterJson, text: string, decimals: number): Parsed {
  const numbers = text.split(/[\s,;]+/).filter(Boolean).map((part) => readNumber(part, decimals));
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
