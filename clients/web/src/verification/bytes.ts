// Bytes as the canonical encoding has them: big-endian, length-prefixed. docs/canonical-encoding.md.

import { sha256 } from "@noble/hashes/sha2.js";

const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);

const encoder = new TextEncoder();
// A byte order mark is part of a text like any other character.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Joins byte strings. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function hash(...parts: Uint8Array[]): Uint8Array {
  return sha256(concat(...parts));
}

export function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The bytes of a domain: its name and a zero byte, so that no bytes are taken for another thing. */
export function domain(name: string): Uint8Array {
  return utf8(`${name}\0`);
}

/** A number in 4 bytes. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** An integer in 8 bytes. Throws where it is outside of int64. */
export function int64(value: bigint): Uint8Array {
  if (value < MIN_INT64 || value > MAX_INT64) throw new RangeError("a number is too large");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}

/** A byte string: its length in 4 bytes, then itself. */
export function framed(value: Uint8Array): Uint8Array {
  return concat(uint32(value.length), value);
}

/** A text: the byte string of its UTF-8. */
export function text(value: string): Uint8Array {
  return framed(utf8(value));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads hexadecimal digits. Throws where they are none. */
export function fromHex(digits: string): Uint8Array {
  if (digits.length % 2 || !/^[0-9a-f]*$/i.test(digits)) throw new Error("no hexadecimal digits");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Reads base64 that is written in the one canonical way. Throws where it is not. */
export function fromBase64(written: string): Uint8Array {
  const bytes = Uint8Array.from(atob(written), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== written) throw new Error("base64 that is written in another way");
  return bytes;
}

/** Reads canonical bytes from the front. Every method throws where too few are left. */
export class Reader {
  #at = 0;

  constructor(private readonly content: Uint8Array) {}

  get ended(): boolean {
    return this.#at === this.content.length;
  }

  take(count: number): Uint8Array {
    const taken = this.content.subarray(this.#at, this.#at + count);
    if (taken.length !== count) throw new Error("it is cut off");
    this.#at += count;
    return taken;
  }

  uint16(): number {
    return this.#view(2).getUint16(0);
  }

  uint32(): number {
    return this.#view(4).getUint32(0);
  }

  int64(): bigint {
    return this.#view(8).getBigInt64(0);
  }

  string(): Uint8Array {
    return this.take(this.uint32());
  }

  text(): string {
    return decoder.decode(this.string());
  }

  #view(size: number): DataView {
    const bytes = this.take(size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }
}
