// Reads receipts and heads from proto3 JSON, strictly: a field that is not known here would be
// shown, and verified by nobody. Values that are left out are the empty ones, as proto3 has it.

import { fromBase64 } from "./bytes";
import { TRANSACTION_KINDS } from "./kinds";

export type Json = Record<string, unknown>;

export interface Posting {
  source: string;
  destination: string;
  asset: string;
  amount: bigint;
}

export interface Transaction {
  transactionId: string;
  sequence: bigint;
  /** Number of the kind. */
  kind: number;
  postings: Posting[];
  /** Times are microseconds since 1970. */
  commitTime: bigint | null;
  memo: string;
  metadata: Record<string, string>;
  holdId: string;
  effectiveTime: bigint | null;
  reference: string;
}

export interface Block {
  height: bigint;
  firstSequence: bigint;
  lastSequence: bigint;
  blockTime: bigint;
  merkleRoot: Uint8Array;
  previousHash: Uint8Array;
  hash: Uint8Array;
}

export interface SignedHead {
  economy: string;
  treeSize: bigint;
  root: Uint8Array;
  blockHash: Uint8Array;
  lastSequence: bigint;
  blockTime: bigint;
  signingKeyId: string;
  signature: Uint8Array;
}

export interface SigningKey {
  signingKeyId: string;
  publicKey: Uint8Array;
  startTime: bigint | null;
  endTime: bigint | null;
}

export interface Receipt {
  leaf: Uint8Array;
  transaction: Transaction | null;
  salt: Uint8Array | null;
  block: Block;
  blockPath: Uint8Array[];
  logPath: Uint8Array[];
  signedHead: SignedHead;
}

/** Something is not written as it should be. */
export class FormatError extends Error {}

/** The fields of one object, each read once; what is left over is refused. */
class Fields {
  readonly #content: Json;
  readonly #unread: Set<string>;

  constructor(
    content: unknown,
    private readonly name: string,
  ) {
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
      throw new FormatError(`${name} is no object`);
    }
    this.#content = content as Json;
    this.#unread = new Set(Object.keys(content));
  }

  has(field: string): boolean {
    return this.#content[field] !== undefined && this.#content[field] !== null;
  }

  get(field: string): unknown {
    this.#unread.delete(field);
    return this.#content[field] ?? undefined;
  }

  text(field: string): string {
    const value = this.get(field) ?? "";
    if (typeof value !== "string") throw this.wrong(field);
    return value;
  }

  integer(field: string): bigint {
    const value = this.get(field) ?? "0";
    if (typeof value !== "string" || !/^(0|-?[1-9]\d{0,18})$/.test(value)) throw this.wrong(field);
    return BigInt(value);
  }

  bytes(field: string): Uint8Array {
    return this.#base64(field, this.get(field) ?? "");
  }

  byteStrings(field: string): Uint8Array[] {
    return this.list(field).map((value) => this.#base64(field, value));
  }

  list(field: string): unknown[] {
    const value = this.get(field) ?? [];
    if (!Array.isArray(value)) throw this.wrong(field);
    return value;
  }

  time(field: string): bigint | null {
    const value = this.get(field);
    if (value === undefined) return null;
    const micros = typeof value === "string" ? microsOf(value) : null;
    if (micros === null) throw this.wrong(field);
    return micros;
  }

  /** To be called at the end: nothing may be left. */
  end(): void {
    for (const field of this.#unread) throw new FormatError(`${this.name}.${field} is not known`);
  }

  wrong(field: string): FormatError {
    return new FormatError(`${this.name}.${field} is not written as it should be`);
  }

  #base64(field: string, value: unknown): Uint8Array {
    if (typeof value !== "string") throw this.wrong(field);
    try {
      return fromBase64(value);
    } catch {
      throw this.wrong(field);
    }
  }
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}|\d{6}))?Z$/;

/** Microseconds since 1970 of a time as proto3 JSON writes it, or null where it is none. */
export function microsOf(time: string): bigint | null {
  const parts = TIME.exec(time);
  if (!parts) return null;
  const millis = Date.parse(`${parts[1]}Z`);
  // February 30 would be read as a day in March.
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(parts[1]!)) return null;
  return BigInt(millis) * 1000n + BigInt((parts[2] ?? "").padEnd(6, "0"));
}

export function readReceipt(json: unknown): Receipt {
  const fields = new Fields(json, "receipt");
  for (const name of ["leaf", "block", "signedHead"]) {
    if (!fields.has(name)) throw new FormatError(`the receipt has no ${name}`);
  }
  const told = fields.get("transaction");
  const receipt = {
    leaf: fields.bytes("leaf"),
    transaction: told === undefined ? null : readTransaction(told),
    salt: fields.has("textOpening") ? readSalt(fields.get("textOpening")) : null,
    block: readBlock(fields.get("block")),
    blockPath: fields.byteStrings("blockPath"),
    logPath: fields.byteStrings("logPath"),
    signedHead: readHead(fields.get("signedHead")),
  };
  // A null has not been read, and says nothing.
  fields.get("textOpening");
  fields.end();
  return receipt;
}

function readSalt(json: unknown): Uint8Array {
  const fields = new Fields(json, "textOpening");
  const salt = fields.bytes("salt");
  fields.end();
  return salt;
}

function readTransaction(json: unknown): Transaction {
  const fields = new Fields(json, "transaction");
  const name = fields.text("kind");
  if (!Object.hasOwn(TRANSACTION_KINDS, name)) throw fields.wrong("kind");
  const transaction = {
    transactionId: fields.text("transactionId"),
    sequence: fields.integer("sequence"),
    kind: TRANSACTION_KINDS[name]!,
    postings: fields.list("postings").map(readPosting),
    commitTime: fields.time("commitTime"),
    memo: fields.text("memo"),
    metadata: readPairs(fields.get("metadata")),
    holdId: fields.text("holdId"),
    effectiveTime: fields.time("effectiveTime"),
    reference: fields.text("reference"),
  };
  fields.end();
  return transaction;
}

function readPosting(json: unknown): Posting {
  const fields = new Fields(json, "posting");
  const posting = {
    source: fields.text("source"),
    destination: fields.text("destination"),
    asset: fields.text("asset"),
    amount: fields.integer("amount"),
  };
  fields.end();
  return posting;
}

function readPairs(json: unknown): Record<string, string> {
  if (json === undefined) return {};
  const fields = new Fields(json, "metadata");
  const names = Object.keys(json as Json);
  return Object.fromEntries(names.map((name) => [name, fields.text(name)]));
}

export function readBlock(json: unknown): Block {
  const fields = new Fields(json, "block");
  const block = {
    height: fields.integer("height"),
    firstSequence: fields.integer("firstSequence"),
    lastSequence: fields.integer("lastSequence"),
    blockTime: fields.time("blockTime"),
    merkleRoot: fields.bytes("merkleRoot"),
    previousHash: fields.bytes("previousHash"),
    hash: fields.bytes("hash"),
  };
  fields.end();
  if (block.blockTime === null) throw fields.wrong("blockTime");
  return { ...block, blockTime: block.blockTime };
}

export function readHead(json: unknown): SignedHead {
  const fields = new Fields(json, "signedHead");
  const head = {
    economy: fields.text("economy"),
    treeSize: fields.integer("treeSize"),
    root: fields.bytes("root"),
    blockHash: fields.bytes("blockHash"),
    lastSequence: fields.integer("lastSequence"),
    blockTime: fields.time("blockTime"),
    signingKeyId: fields.text("signingKeyId"),
    signature: fields.bytes("signature"),
  };
  fields.end();
  if (head.blockTime === null) throw fields.wrong("blockTime");
  return { ...head, blockTime: head.blockTime };
}

export function readKey(json: unknown): SigningKey {
  const fields = new Fields(json, "signingKey");
  const key = {
    signingKeyId: fields.text("signingKeyId"),
    publicKey: fields.bytes("publicKey"),
    startTime: fields.time("startTime"),
    endTime: fields.time("endTime"),
  };
  fields.end();
  return key;
}

/** Reads a path of hashes, as a consistency proof has it. */
export function readPath(json: unknown): Uint8Array[] {
  return new Fields({ path: json }, "proof").byteStrings("path");
}
