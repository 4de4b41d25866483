// The vectors of every verifier of the repository, for the tests: read, and not copied.

import document from "../../../../docs/canonical-encoding.md?raw";
import draws from "../../../../tests/vectors/draws.json";
import proofs from "../../../../tests/vectors/proofs.json";
import { fromHex, toBase64 } from "./bytes";

export { draws, proofs };

export const KEYS = [
  { signingKeyId: proofs.signing_key_id, publicKey: toBase64(fromHex(proofs.public_key)) },
];

/** The bytes under a heading of docs/canonical-encoding.md. */
export function documented(heading: string): Uint8Array {
  const section = document.split(`### ${heading}\n`)[1] ?? "";
  const digits = /```\n([0-9a-f\n]+)```/.exec(section)?.[1] ?? "";
  return fromHex(digits.replaceAll("\n", ""));
}

/** A copy that may be changed. */
export function copy<T>(value: T): T {
  return structuredClone(value);
}

/** Every place in a JSON value where something simple stands: how to get there. */
export function* leaves(value: unknown, path: (string | number)[] = []): Generator<Path> {
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* leaves(inner, [...path, name]);
  } else {
    yield path;
  }
}

/** Every part of a JSON value, the simple ones and those that hold others. */
export function* parts(value: unknown, path: Path = []): Generator<Path> {
  if (path.length) yield path;
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* parts(inner, [...path, name]);
  }
}

export type Path = (string | number)[];

type Holder = Record<string | number, unknown>;

export function at(value: unknown, path: Path): unknown {
  return path.reduce((inner, name) => (inner as Holder)[name], value);
}

/** A copy with another value at a place, or without the place where that is undefined. */
export function changed<T>(value: T, path: Path, made: unknown): T {
  const whole = copy(value);
  const holder = at(whole, path.slice(0, -1)) as Holder;
  const name = path[path.length - 1]!;
  if (made !== undefined) holder[name] = made;
  else if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
  return whole;
}

/** Texts that differ from this one in a single character. */
export function* misspelled(written: string): Generator<string> {
  for (let index = 0; index < written.length; index++) {
    const other = written[index] === "A" ? "B" : written[index] === "1" ? "2" : "1";
    yield written.slice(0, index) + other + written.slice(index + 1);
  }
}
