// Signed heads of the block log: whether one is signed, and whether a later one only adds to it.

import { ed25519 } from "@noble/curves/ed25519.js";

import { hash, same, toHex } from "./bytes";
import { encodeHead } from "./canonical";
import { rootsOfConsistency } from "./merkle";
import type { SignedHead, SigningKey } from "./messages";
import { refuse } from "./steps";

// A head is of its block's time; keys end a little later than the last block that they signed.
const GRACE_MICROS = 3_600_000_000n;

/** Names a public key as the server does: the first 8 bytes of its SHA-256. */
export function publicKeyId(publicKey: Uint8Array): string {
  return toHex(hash(publicKey)).slice(0, 16);
}

/** Finds the key that a head says it is signed with; throws where it is not one of these. */
export function keyOf(head: SignedHead, keys: SigningKey[]): SigningKey {
  const key = keys.find((known) => publicKeyId(known.publicKey) === head.signingKeyId);
  if (!key) return refuse(`it is signed with a key that is not known: ${head.signingKeyId}`);
  if (key.signingKeyId !== head.signingKeyId) refuse("the key has not the id that it is given");
  if (key.endTime !== null && head.blockTime > key.endTime + GRACE_MICROS) {
    refuse("it is signed with a key that had ended before");
  }
  return key;
}

/** Verifies the signature of a head; throws where it is not of this key. */
export function checkSignature(head: SignedHead, publicKey: Uint8Array): void {
  if (head.treeSize < 1n) refuse("it is the head of an empty log");
  // Strictly by RFC 8032, as the server's side verifies.
  const options = { zip215: false };
  if (
    head.signature.length !== 64 ||
    !ed25519.verify(head.signature, encodeHead(head), publicKey, options)
  ) {
    refuse("the head's signature is not of this key");
  }
}

/** Verifies a head with the key that signed it. */
export function checkHead(head: SignedHead, keys: SigningKey[]): void {
  checkSignature(head, keyOf(head, keys).publicKey);
}

/**
 * Verifies that a later head only adds blocks to an earlier one. Their signatures are not looked at.
 *
 * Throws where a block that was there has changed, or is missing.
 */
export function checkConsistency(first: SignedHead, second: SignedHead, path: Uint8Array[]): void {
  if (first.economy !== second.economy) refuse("the heads are of two economies");
  const roots = rootsOfConsistency(first.treeSize, second.treeSize, first.root, path);
  if (!same(roots[0], first.root) || !same(roots[1], second.root)) {
    refuse("the later log does not begin with the blocks of the earlier one");
  }
  if (first.treeSize === second.treeSize && !same(encodeHead(first), encodeHead(second))) {
    refuse("two heads of one size differ");
  }
  if (first.lastSequence > second.lastSequence || first.blockTime > second.blockTime) {
    refuse("the later log ends before the earlier one");
  }
}
