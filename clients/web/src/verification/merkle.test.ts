import { describe, expect, it } from "vitest";

import { fromHex, hash, toHex } from "./bytes";
import { leafHash, rootOfPath, rootsOfConsistency, treeRoot } from "./merkle";
import { documented, proofs } from "./vectors";

const roots = proofs.log_roots.map(fromHex);
const logLeaves = proofs.blocks.map((block) => fromHex(block.log_leaf_hash));

describe("trees", () => {
  it("have the roots of the vectors", () => {
    roots.forEach((root, size) => expect(treeRoot(logLeaves.slice(0, size))).toEqual(root));
    for (const block of proofs.blocks) {
      const hashes = block.leaves.map((leaf) => leafHash(fromHex(leaf)));
      expect(toHex(treeRoot(hashes))).toBe(block.merkle_root);
      expect(toHex(hash(fromHex(block.header)))).toBe(block.hash);
      expect(toHex(leafHash(fromHex(block.header)))).toBe(block.log_leaf_hash);
    }
  });

  it("have the roots of the document", () => {
    const two = [documented("The transaction's leaf hash"), documented("The event's leaf hash")];
    expect(treeRoot([])).toEqual(documented("The root of no leaf"));
    expect(treeRoot(two)).toEqual(documented("The root of these two leaves"));
    const three = [...two, leafHash(new Uint8Array())];
    expect(treeRoot(three)).toEqual(documented("The root of these two and an empty leaf"));
  });
});

describe("inclusion", () => {
  it("leads to the root for every leaf of every size", () => {
    expect(proofs.inclusion).toHaveLength(210);
    for (const { index, size, path } of proofs.inclusion) {
      const root = rootOfPath(logLeaves[index]!, BigInt(index), BigInt(size), path.map(fromHex));
      expect(root).toEqual(roots[size]);
    }
  });

  it("does not hold for another leaf, place, size or path", () => {
    for (const { index, size, path } of proofs.inclusion) {
      const [place, count, siblings] = [BigInt(index), BigInt(size), path.map(fromHex)];
      const leaf = logLeaves[index]!;
      const holds = (...proof: Parameters<typeof rootOfPath>) => {
        try {
          return toHex(rootOfPath(...proof)) === toHex(roots[size]!);
        } catch {
          return false;
        }
      };
      expect(holds(leaf, place, count, siblings)).toBe(true);
      expect(holds(logLeaves[(index + 1) % 20]!, place, count, siblings)).toBe(false);
      for (let other = -1n; other <= count; other++) {
        if (other !== place) expect(holds(leaf, other, count, siblings)).toBe(false);
      }
      expect(holds(leaf, place, count, [...siblings, leaf])).toBe(false);
      siblings.forEach((_, at) => {
        expect(holds(leaf, place, count, siblings.toSpliced(at, 1))).toBe(false);
        expect(holds(leaf, place, count, siblings.with(at, leaf))).toBe(false);
        expect(holds(leaf, place, count, siblings.with(at, leaf.subarray(1)))).toBe(false);
      });
    }
  });
});

describe("consistency", () => {
  it("leads to both roots for all sizes", () => {
    expect(proofs.consistency).toHaveLength(210);
    for (const { first, second, path } of proofs.consistency) {
      const nodes = path.map(fromHex);
      const [old, later] = rootsOfConsistency(BigInt(first), BigInt(second), roots[first]!, nodes);
      expect([old, later]).toEqual([roots[first], roots[second]]);
    }
  });

  it("does not hold for other sizes, another beginning or another path", () => {
    for (const { first, second, path } of proofs.consistency) {
      const nodes = path.map(fromHex);
      const holds = (size: number, count: number, root: Uint8Array, proof: Uint8Array[]) => {
        try {
          const found = rootsOfConsistency(BigInt(size), BigInt(count), root, proof);
          return toHex(found[0]) === toHex(root) && toHex(found[1]) === toHex(roots[second]!);
        } catch {
          return false;
        }
      };
      expect(holds(first, second, roots[first]!, nodes)).toBe(true);
      expect(holds(0, second, roots[first]!, nodes)).toBe(false);
      expect(holds(second + 1, second, roots[first]!, nodes)).toBe(false);
      expect(holds(first, second, hash(roots[first]!), nodes)).toBe(false);
      expect(holds(first, second, roots[first]!, [...nodes, roots[0]!])).toBe(false);
      nodes.forEach((node, at) => {
        expect(holds(first, second, roots[first]!, nodes.toSpliced(at, 1))).toBe(false);
        expect(holds(first, second, roots[first]!, nodes.with(at, hash(node)))).toBe(false);
      });
    }
  });
});
