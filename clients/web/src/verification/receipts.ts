// Verifies a receipt without trusting the server: the code that runs here follows it from the entry's
// bytes to its block, from the block to the log, and from there to the signed head. docs/proofs.md.

import { hash, same, toHex } from "./bytes";
import { decodeLeaf, encodeHeader, textCommitment, type Leaf } from "./canonical";
import { checkConsistency, checkHead, checkSignature, keyOf } from "./heads";
import { TRANSACTION_KINDS } from "./kinds";
import { leafHash, rootOfPath } from "./merkle";
import {
  readBlock,
  readHead,
  readKey,
  readPath,
  readReceipt,
  type Block,
  type Receipt,
  type SignedHead,
} from "./messages";
import { refuse, Steps, type Verdict } from "./steps";

/** An earlier head, and the proof that the receipt's head, or another, continues it. All as JSON. */
export interface Pinned {
  /** The head that was kept. */
  head: unknown;
  /** Path of the consistency proof between it and the receipt's head. */
  path: unknown;
}

/**
 * Verifies a receipt, as the server gives it out in JSON.
 *
 * @param keys The keys that heads are signed with, as ListSigningKeys gives them.
 * @param pinned A head that was verified before: what it holds must be in the receipt's log, or the
 *   other way round.
 */
export function verifyReceipt(receiptJson: unknown, keys: unknown[], pinned?: Pinned): Verdict {
  const steps = new Steps();
  return steps.verdict(() => {
    const receipt = steps.try("format", () => readReceipt(receiptJson), () => ({}));
    const head = receipt.signedHead;
    const entry = steps.try("leaf", () => decodeLeaf(receipt.leaf), leafFacts);
    steps.try("transaction", () => checkTransaction(receipt, entry), (told) => (told ? {} : null));
    steps.try("text", () => checkText(receipt, entry), (proven) => (proven ? {} : null));
    steps.try("block", () => checkInBlock(receipt, entry), () => blockFacts(receipt.block));
    steps.try("log", () => checkInLog(receipt), () => logFacts(receipt));
    steps.try("head", () => checkLastBlock(receipt), () => ({ time: isoOf(head.blockTime) }));
    const key = steps.try("key", () => keyOf(head, keys.map(readKey)), (found) => ({
      key: found.signingKeyId,
    }));
    steps.try("signature", () => checkSignature(head, key.publicKey), () => ({
      signature: toHex(head.signature),
    }));
    if (pinned) {
      const earlier = () => checkPinned(head, pinned);
      steps.try("consistency", earlier, (size) => ({ size: String(size) }));
    }
  });
}

/** Verifies that a head is signed, and that it continues one that was kept. */
export function verifyHead(headJson: unknown, keys: unknown[], pinned?: Pinned): Verdict {
  const steps = new Steps();
  return steps.verdict(() => {
    const head = steps.try("format", () => readHead(headJson), () => ({}));
    steps.try("signature", () => checkHead(head, keys.map(readKey)), () => ({
      key: head.signingKeyId,
    }));
    if (pinned) {
      const earlier = () => checkPinned(head, pinned);
      steps.try("consistency", earlier, (size) => ({ size: String(size) }));
    }
  });
}

/** Whether a block's hash is that of its header, as GetBlock gives it out in JSON. */
export function verifyHeader(economy: string, blockJson: unknown): boolean {
  try {
    const block = readBlock(blockJson);
    return same(hash(encodeHeader(economy, block)), block.hash);
  } catch {
    return false;
  }
}

/** Of a receipt older than the kept head, the kept one is the later. */
function checkPinned(head: SignedHead, pinned: Pinned): bigint {
  const kept = readHead(pinned.head);
  const path = readPath(pinned.path);
  const [first, second] = kept.treeSize <= head.treeSize ? [kept, head] : [head, kept];
  checkConsistency(first, second, path);
  return kept.treeSize;
}

function checkTransaction(receipt: Receipt, entry: Leaf): boolean {
  const told = receipt.transaction;
  if (!told) {
    if (entry.postings) refuse("the entry is a transaction, and the receipt does not tell it");
    return false;
  }
  const proven = provenByEvent(entry);
  const postings = entry.postings ?? [];
  const compared: [string, boolean][] = [
    ["kind", told.kind === entry.kind],
    ["sequence", told.sequence === entry.sequence],
    ["transaction id", told.transactionId === uuidOf(entry.requestId)],
    ["number of postings", told.postings.length === postings.length && entry.postings !== null],
    ["time", told.commitTime === receipt.block.blockTime],
    ["hold", told.holdId === proven.holdId],
    ["effective time", told.effectiveTime === proven.effectiveTime],
    ["reference", told.reference === proven.reference],
  ];
  postings.forEach((posting, at) => {
    const said = told.postings[at];
    for (const name of ["source", "destination", "asset", "amount"] as const) {
      compared.push([`${name} of posting ${at + 1}`, said?.[name] === posting[name]]);
    }
  });
  const wrong = compared.find(([, holds]) => !holds);
  if (wrong) refuse(`its ${wrong[0]} is not the one that is proven`);
  return true;
}

/** The hold of a capture; the time and the reference of an import. */
function provenByEvent(entry: Leaf) {
  const fields = entry.fields ?? [];
  const proven = { holdId: "", effectiveTime: null as bigint | null, reference: "" };
  const [first, second] = fields;
  if (entry.kind === TRANSACTION_KINDS.KIND_CAPTURE) {
    if (!(first instanceof Uint8Array) || first.length !== 16) {
      return refuse("the capture names no hold");
    }
    proven.holdId = uuidOf(first);
  } else if (entry.kind === TRANSACTION_KINDS.KIND_IMPORTED) {
    if (fields.length !== 2 || typeof first !== "bigint" || typeof second !== "string") {
      return refuse("the import does not say when it happened");
    }
    proven.effectiveTime = first;
    proven.reference = second;
  }
  return proven;
}

function checkText(receipt: Receipt, entry: Leaf): boolean {
  const { memo = "", metadata = {} } = receipt.transaction ?? {};
  const told = memo !== "" || Object.keys(metadata).length > 0;
  if (!receipt.salt) {
    if (told) refuse("memo and metadata are told without what proves them");
    return false;
  }
  if (!told) refuse("there is no memo and no metadata to prove");
  if (receipt.salt.length !== 16) refuse("the salt has not 16 bytes");
  if (!same(textCommitment(receipt.salt, memo, metadata), entry.commitment)) {
    refuse("memo and metadata are not those of the entry");
  }
  return true;
}

function checkInBlock(receipt: Receipt, entry: Leaf): void {
  const { block } = receipt;
  const size = block.lastSequence - block.firstSequence + 1n;
  const index = entry.sequence - block.firstSequence;
  const root = rootOfPath(leafHash(receipt.leaf), index, size, receipt.blockPath);
  if (!same(root, block.merkleRoot)) {
    refuse("the path from the entry does not lead to the block's root");
  }
  if (!same(hash(encodeHeader(receipt.signedHead.economy, block)), block.hash)) {
    refuse("the block has not the hash of its header");
  }
}

function checkInLog(receipt: Receipt): void {
  const { block, signedHead: head } = receipt;
  const leaf = leafHash(encodeHeader(head.economy, block));
  const root = rootOfPath(leaf, block.height - 1n, head.treeSize, receipt.logPath);
  if (!same(root, head.root)) refuse("the path from the block does not lead to the head's root");
}

function checkLastBlock({ block, signedHead: head }: Receipt): void {
  if (block.height !== head.treeSize) return;
  const ends =
    same(head.blockHash, block.hash) &&
    head.lastSequence === block.lastSequence &&
    head.blockTime === block.blockTime;
  if (!ends) refuse("the head does not end with its last block");
}

function leafFacts(entry: Leaf): Record<string, string> {
  return { sequence: String(entry.sequence) };
}

function blockFacts(block: Block): Record<string, string> {
  return { height: String(block.height), hash: toHex(block.hash) };
}

function logFacts({ signedHead }: Receipt): Record<string, string> {
  return { size: String(signedHead.treeSize), root: toHex(signedHead.root) };
}

export function uuidOf(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function isoOf(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString();
}
