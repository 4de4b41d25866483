// Proofs of RFC 6962 trees, verified by the algorithms of RFC 9162, section 2.1.

import { hash } from "./bytes";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export function leafHash(leaf: Uint8Array): Uint8Array {
  return hash(LEAF, leaf);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(NODE, left, right);
}

/** The root of a tree whose leaves have these hashes. */
export function treeRoot(leaves: Uint8Array[]): Uint8Array {
  if (!leaves.length) return hash();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/**
 * The root that an audit path leads to.
 *
 * Throws where the path does not belong to this place, from 0, in a tree of this size.
 */
export function rootOfPath(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  path: Uint8Array[],
): Uint8Array {
  if (index < 0n || index >= size) throw new Error(`a tree of ${size} has no leaf ${index}`);
  checkHashes([leaf, ...path]);
  let place = index;
  let last = size - 1n;
  let root = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new Error("the path is too long");
    if (place & 1n || place === last) {
      root = nodeHash(sibling, root);
      while (place && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      root = nodeHash(root, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last) throw new Error("the path is too short");
  return root;
}

/**
 * The two roots, of the smaller and of the greater tree, that a consistency proof leads to.
 *
 * Throws where the proof does not belong to these sizes.
 */
export function rootsOfConsistency(
  first: bigint,
  second: bigint,
  firstRoot: Uint8Array,
  path: Uint8Array[],
): [Uint8Array, Uint8Array] {
  if (first <= 0n || first > second) throw new Error(`no tree of ${second} begins with ${first}`);
  checkHashes([firstRoot, ...path]);
  if (first === second) {
    if (path.length) throw new Error("the path is too long");
    return [firstRoot, firstRoot];
  }
  if (!path.length) throw new Error("the path is too short");
  // The root of a whole tree is itself a node of the greater one, and left out of the proof.
  const nodes = (first & (first - 1n)) === 0n ? [firstRoot, ...path] : path;
  let place = first - 1n;
  let last = second - 1n;
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  let old = nodes[0]!;
  let later = old;
  for (const node of nodes.slice(1)) {
    if (last === 0n) throw new Error("the path is too long");
    if (place & 1n || place === last) {
      [old, later] = [nodeHash(node, old), nodeHash(node, later)];
      while (place && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      later = nodeHash(later, node);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last) throw new Error("the path is too short");
  return [old, later];
}

function checkHashes(hashes: Uint8Array[]): void {
  if (hashes.some((value) => value.length !== 32)) throw new Error("a hash has not 32 bytes");
}
