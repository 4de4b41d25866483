// Canonical bytes of entries, headers and heads, as docs/canonical-encoding.md tells them. Written for
// themselves, from the document: whoever verifies should not have to trust the server's code.

import { concat, domain, framed, hash, int64, Reader, same, text, uint32, utf8 } from "./bytes";
import { hasEvent, hasPostings, movesEverything, TRANSACTION_KINDS } from "./kinds";
import type { Block, Posting, SignedHead } from "./messages";

const LEAF_DOMAIN = domain("ticketonomics/entry/1");
const TEXT_DOMAIN = domain("ticketonomics/text/1");
const HEADER_DOMAIN = domain("ticketonomics/block/1");
const HEAD_DOMAIN = domain("ticketonomics/head/1");

export type Field = bigint | string | Uint8Array;

/** What an entry's canonical bytes say. */
export interface Leaf {
  kind: number;
  sequence: bigint;
  /** Of a transaction its id. 16 bytes. */
  requestId: Uint8Array;
  /** Null for what moves nothing. */
  postings: Posting[] | null;
  /** Of an event; null where there is none. */
  fields: Field[] | null;
  /** To the text; empty where there is none. */
  commitment: Uint8Array;
}

/** Decodes an entry's canonical bytes; throws where they are none. */
export function decodeLeaf(leaf: Uint8Array): Leaf {
  const reader = new Reader(leaf);
  if (!same(reader.take(LEAF_DOMAIN.length), LEAF_DOMAIN)) throw new Error("no entry of version 1");
  const kind = reader.uint16();
  const sequence = reader.int64();
  const requestId = reader.take(16);
  let postings: Posting[] | null;
  let fields: Field[] | null = null;
  if (hasPostings(kind)) {
    postings = decodePostings(reader);
  } else {
    fields = decodeFields(reader.string());
    postings = movesEverything(kind) ? moved(kind, fields) : null;
  }
  const commitment = reader.string();
  if (hasEvent(kind)) fields = decodeFields(reader.string());
  if (!reader.ended) throw new Error("something follows its end");
  if (commitment.length !== 0 && commitment.length !== 32) {
    throw new Error("its commitment has not 32 bytes");
  }
  return { kind, sequence, requestId, postings, fields, commitment };
}

function decodePostings(reader: Reader): Posting[] {
  const postings: Posting[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    postings.push({
      source: reader.text(),
      destination: reader.text(),
      asset: reader.text(),
      amount: reader.int64(),
    });
  }
  return postings;
}

function decodeFields(encoded: Uint8Array): Field[] {
  const reader = new Reader(encoded);
  const fields: Field[] = [];
  while (!reader.ended) {
    const tag = String.fromCharCode(reader.take(1)[0]!);
    if (tag === "i") fields.push(reader.int64());
    else if (tag === "t") fields.push(reader.text());
    else if (tag === "b") fields.push(reader.string());
    else throw new Error(`no field begins with ${tag}`);
  }
  return fields;
}

/** What an event moved: all that a person had, when two became one, or one was erased. */
function moved(kind: number, fields: Field[]): Posting[] {
  const [source, target, , ...rest] = fields;
  const postings: Posting[] = [];
  for (let at = 0; at < rest.length; at += 2) {
    const [asset, amount] = [rest[at], rest[at + 1]];
    if (typeof asset !== "string" || typeof amount !== "bigint") {
      throw new Error("its event has not the fields of its kind");
    }
    const merged = kind === TRANSACTION_KINDS.KIND_MERGE;
    const destination = merged ? `users/${target}` : "system/sink";
    postings.push({ source: `users/${source}`, destination, asset, amount });
  }
  if (fields.length < 3) throw new Error("its event has not the fields of its kind");
  return postings;
}

/** The commitment to a memo and pairs. 32 bytes. */
export function textCommitment(
  salt: Uint8Array,
  memo: string,
  metadata: Record<string, string>,
): Uint8Array {
  const pairs = Object.entries(metadata).map(([name, value]) => ({ name: utf8(name), value }));
  // By code points, which is the order of their UTF-8, and not the one of JavaScript's strings.
  pairs.sort((left, right) => compare(left.name, right.name));
  const encoded = pairs.flatMap(({ name, value }) => [framed(name), text(value)]);
  return hash(TEXT_DOMAIN, salt, text(memo), uint32(pairs.length), ...encoded);
}

function compare(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    if (left[at] !== right[at]) return left[at]! - right[at]!;
  }
  return left.length - right.length;
}

/** A block's header: its SHA-256 is the block's hash, and it is a leaf of the block log. */
export function encodeHeader(economy: string, block: Block): Uint8Array {
  return concat(
    HEADER_DOMAIN,
    text(economy),
    int64(block.height),
    int64(block.firstSequence),
    int64(block.lastSequence),
    int64(block.blockTime),
    checked(block.merkleRoot),
    checked(block.previousHash),
  );
}

/** What of a head is signed. */
export function encodeHead(head: SignedHead): Uint8Array {
  return concat(
    HEAD_DOMAIN,
    text(head.economy),
    int64(head.treeSize),
    checked(head.root),
    checked(head.blockHash),
    int64(head.lastSequence),
    int64(head.blockTime),
  );
}

function checked(value: Uint8Array): Uint8Array {
  if (value.length !== 32) throw new Error("a hash has not 32 bytes");
  return value;
}
