import { describe, expect, it } from "vitest";

import contract from "../../../../proto/ticketonomics/ledger/v1/transaction.proto?raw";
import { fromHex, hash, int64, text, toHex } from "./bytes";
import { decodeLeaf, encodeHead, encodeHeader, textCommitment } from "./canonical";
import { hasEvent, TRANSACTION_KINDS } from "./kinds";
import { leafHash } from "./merkle";
import { microsOf, readHead, readReceipt } from "./messages";
import { copy, documented, proofs } from "./vectors";

const SALT = Uint8Array.from({ length: 16 }, (_, at) => at);

describe("values", () => {
  it("are encoded as the document tells", () => {
    expect(int64(1n)).toEqual(documented("The integer 1"));
    expect(int64(-1n)).toEqual(documented("The integer −1"));
    expect(text("ä")).toEqual(documented("The text `ä`"));
  });

  it("outside of int64 are refused", () => {
    expect(() => int64(1n << 63n)).toThrow();
    expect(() => int64(-(1n << 63n) - 1n)).toThrow();
  });

  it("of times are microseconds, and nothing else is a time", () => {
    expect(microsOf("2026-01-02T03:04:05.678901Z")).toBe(1767323045678901n);
    expect(microsOf("1970-01-01T00:00:00Z")).toBe(0n);
    const none = ["", "2026-02-30T00:00:00Z", "2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05.1Z"];
    for (const wrong of none) expect(microsOf(wrong)).toBeNull();
  });
});

describe("leaves", () => {
  it("of a transaction tell what was moved", () => {
    const leaf = documented("The transaction's leaf");
    expect(decodeLeaf(leaf)).toEqual({
      kind: 1,
      sequence: 7n,
      requestId: fromHex("0190a5d0ac967000bcceb302099a8057"),
      postings: [
        { source: "users/7k3m9q2x4t6v8w1z", destination: "orgs/a", asset: "BRONZE", amount: 100n },
        {
          source: "users/7k3m9q2x4t6v8w1z",
          destination: "system/sink",
          asset: "BRONZE",
          amount: 1n,
        },
      ],
      fields: null,
      commitment: documented("The text's commitment"),
    });
    expect(leafHash(leaf)).toEqual(documented("The transaction's leaf hash"));
  });

  it("of an event tell its fields", () => {
    const leaf = documented("The event's leaf");
    const { kind, postings, fields } = decodeLeaf(leaf);
    expect({ kind, postings, fields }).toEqual({
      kind: 10,
      postings: null,
      fields: ["orgs/guild/treasury"],
    });
    expect(leafHash(leaf)).toEqual(documented("The event's leaf hash"));
  });

  it("that are cut off, or go on, are none", () => {
    for (const block of proofs.blocks) {
      for (const leaf of block.leaves.map(fromHex)) {
        for (let length = 0; length < leaf.length; length++) {
          expect(() => decodeLeaf(leaf.subarray(0, length))).toThrow();
        }
        expect(() => decodeLeaf(Uint8Array.of(...leaf, 0))).toThrow();
      }
    }
  });
});

describe("texts", () => {
  it("are committed to with their salt", () => {
    const commitment = textCommitment(SALT, "for tea", { order: "7" });
    expect(commitment).toEqual(documented("The text's commitment"));
  });

  it("have their pairs in the order of code points", () => {
    const pairs = [["\u{1F375}", "1"], ["\uFF21", "2"]] as const;
    const ordered = textCommitment(SALT, "", Object.fromEntries([pairs[1], pairs[0]]));
    expect(textCommitment(SALT, "", Object.fromEntries(pairs))).toEqual(ordered);
    const two = [text("\uFF21"), text("2"), text("\u{1F375}"), text("1")];
    const domain = new TextEncoder().encode("ticketonomics/text/1\0");
    const count = Uint8Array.of(0, 0, 0, 2);
    expect(ordered).toEqual(hash(domain, SALT, text(""), count, ...two));
  });
});

describe("headers and heads", () => {
  it("are those of the vectors", () => {
    const { block, signedHead } = readReceipt(copy(proofs.receipt));
    expect(toHex(encodeHeader("main", block))).toBe(proofs.blocks[4]!.header);
    expect(toHex(encodeHead(signedHead))).toBe(proofs.signed_head_bytes);
    expect(readHead(proofs.signed_head)).toEqual(signedHead);
  });
});

describe("kinds", () => {
  it("are those of the contract", () => {
    const named = [...contract.matchAll(/^ +(KIND_\w+) = (\d+);/gm)]
      .filter(([, , number]) => number !== "0")
      .map(([, name, number]) => [name, Number(number)]);
    expect(named.length).toBeGreaterThan(20);
    expect(TRANSACTION_KINDS).toEqual(Object.fromEntries(named));
  });

  it("have an event where the document says so", () => {
    const without = Object.keys(TRANSACTION_KINDS).filter((n) => !hasEvent(TRANSACTION_KINDS[n]!));
    expect(without).toEqual([
      "KIND_TRANSFER",
      "KIND_MINT",
      "KIND_BURN",
      "KIND_MERGE",
      "KIND_ERASURE",
      "KIND_SWAP",
    ]);
  });
});
