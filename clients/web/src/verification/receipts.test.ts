import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";

import { fromHex, toBase64 } from "./bytes";
import { encodeHead } from "./canonical";
import { publicKeyId } from "./heads";
import { readHead } from "./messages";
import { verifyHead, verifyHeader, verifyReceipt } from "./receipts";
import { at, changed, copy, KEYS, leaves, misspelled, parts, proofs } from "./vectors";

const RECEIPTS = {
  "with a text": proofs.receipt,
  "without a text": proofs.receipt_without_text,
  "of a capture": proofs.receipt_of_capture,
  "of an import": proofs.receipt_of_import,
};
const SECRET_KEY = new Uint8Array(32).fill(7);

function failed(verdict: ReturnType<typeof verifyReceipt>): string | undefined {
  return verdict.steps.find((step) => step.ok === false)?.check;
}

function path(first: number, second: number): string[] {
  const proof = proofs.consistency.find((p) => p.first === first && p.second === second)!;
  return proof.path.map((node) => toBase64(fromHex(node)));
}

/** A head as somebody with the operator's key could sign it. */
function signed(head: Record<string, unknown>): Record<string, unknown> {
  const signature = ed25519.sign(encodeHead(readHead(head)), SECRET_KEY);
  return { ...head, signature: toBase64(signature) };
}

describe.each(Object.entries(RECEIPTS))("a receipt %s", (name, receipt) => {
  it("holds, step by step", () => {
    const { ok, steps } = verifyReceipt(copy(receipt), KEYS);
    expect(ok).toBe(true);
    const text = name === "with a text" ? true : null;
    const checks = ["format", "leaf", "transaction", "text", "block", "log", "head", "key"];
    expect(steps.map((step) => step.check)).toEqual([...checks, "signature"]);
    expect(steps.map((step) => step.ok)).toEqual(
      steps.map((step) => (step.check === "text" ? text : true)),
    );
  });

  it("does not hold with any character changed", () => {
    let tried = 0;
    for (const place of leaves(receipt)) {
      for (const other of misspelled(String(at(receipt, place)))) {
        tried += 1;
        const verdict = verifyReceipt(changed(receipt, place, other), KEYS);
        expect([place.join("."), other, verdict.ok]).toEqual([place.join("."), other, false]);
      }
    }
    expect(tried).toBeGreaterThan(800);
  });

  it("does not hold without a part, with a part of another type, or with one more", () => {
    for (const place of parts(receipt)) {
      for (const other of [undefined, null, 7, [], {}, "", "constructor"]) {
        const verdict = verifyReceipt(changed(receipt, place, other), KEYS);
        expect([place.join("."), other, verdict.ok]).toEqual([place.join("."), other, false]);
      }
      const part = at(receipt, place);
      if (typeof part === "object" && !Array.isArray(part)) {
        const more = changed(receipt, [...place, "note"], "x");
        expect(verifyReceipt(more, KEYS).ok).toBe(false);
      }
    }
    expect(failed(verifyReceipt({ ...receipt, note: 1 }, KEYS))).toBe("format");
  });

  it("does not hold with parts of another receipt", () => {
    const other = name === "with a text" ? proofs.receipt_without_text : proofs.receipt;
    for (const part of ["leaf", "transaction", "block", "blockPath", "logPath"] as const) {
      expect(verifyReceipt({ ...receipt, [part]: other[part] }, KEYS).ok).toBe(false);
    }
  });
});

describe("a receipt", () => {
  it("is none", () => {
    for (const wrong of [null, undefined, 1, "x", [], {}, { leaf: 1 }, { block: {} }]) {
      expect(failed(verifyReceipt(wrong, KEYS))).toBe("format");
    }
  });

  it("may hold without its text, which then is not proven", () => {
    const { textOpening: _, ...rest } = copy(proofs.receipt);
    const { memo: _memo, metadata: _metadata, ...transaction } = rest.transaction;
    const { ok, steps } = verifyReceipt({ ...rest, transaction }, KEYS);
    expect(ok).toBe(true);
    expect(steps.find((step) => step.check === "text")!.ok).toBeNull();
  });

  it("names the step that fails", () => {
    const said = (place: (string | number)[], value: unknown) =>
      failed(verifyReceipt(changed(proofs.receipt, place, value), KEYS));
    expect(said(["transaction", "postings", 0, "amount"], "1401")).toBe("transaction");
    expect(said(["transaction", "memo"], "for coffee")).toBe("text");
    expect(said(["block", "merkleRoot"], proofs.receipt.block.hash)).toBe("block");
    expect(said(["block", "previousHash"], proofs.receipt.block.hash)).toBe("block");
    expect(said(["logPath"], [])).toBe("log");
    expect(said(["signedHead", "signingKeyId"], "0000000000000000")).toBe("key");
    expect(said(["signedHead", "lastSequence"], "61")).toBe("signature");
  });

  it("holds for keys that are known, while they were in use", () => {
    const [key] = KEYS;
    const stranger = ed25519.getPublicKey(new Uint8Array(32).fill(8));
    const strange = { signingKeyId: publicKeyId(stranger), publicKey: toBase64(stranger) };
    const ended = (endTime: string) => [strange, { ...key, endTime }];
    expect(failed(verifyReceipt(proofs.receipt, []))).toBe("key");
    expect(failed(verifyReceipt(proofs.receipt, [strange]))).toBe("key");
    const lying = { ...strange, signingKeyId: key!.signingKeyId };
    expect(failed(verifyReceipt(proofs.receipt, [lying]))).toBe("key");
    expect(verifyReceipt(proofs.receipt, ended("2026-01-02T03:05:00Z")).ok).toBe(true);
    expect(failed(verifyReceipt(proofs.receipt, ended("2026-01-02T02:00:00Z")))).toBe("key");
  });
});

describe("a head", () => {
  const earlier = proofs.earlier_signed_head;
  const later = proofs.signed_head;

  it("continues one that was kept, and is continued by one that was", () => {
    const proof = path(7, 20);
    expect(verifyHead(later, KEYS, { head: earlier, path: proof }).ok).toBe(true);
    expect(verifyHead(earlier, KEYS, { head: later, path: proof }).ok).toBe(true);
    expect(verifyReceipt(proofs.receipt, KEYS, { head: earlier, path: proof }).ok).toBe(true);
    expect(verifyReceipt(proofs.receipt, KEYS, { head: later, path: [] }).ok).toBe(true);
  });

  it("that was rewritten is told, even if the operator signed it", () => {
    const forged = signed({ ...earlier, root: later.root });
    expect(verifyHead(forged, KEYS).ok).toBe(true);
    for (const kept of [forged, signed({ ...earlier, economy: "other" })]) {
      const verdict = verifyHead(later, KEYS, { head: kept, path: path(7, 20) });
      expect(failed(verdict)).toBe("consistency");
    }
    const other = signed({ ...later, blockHash: later.root });
    expect(verifyHead(other, KEYS).ok).toBe(true);
    expect(failed(verifyHead(other, KEYS, { head: later, path: [] }))).toBe("consistency");
  });

  it("does not hold with a proof of something else", () => {
    for (const proof of [[], path(6, 20), path(7, 19), path(7, 20).slice(1), ["x"], null]) {
      const verdict = verifyHead(later, KEYS, { head: earlier, path: proof });
      expect(failed(verdict)).toBe("consistency");
    }
  });

  it("of an empty log, or with another signature, is none", () => {
    expect(failed(verifyHead(signed({ ...later, treeSize: "0" }), KEYS))).toBe("signature");
    expect(failed(verifyHead({ ...later, signature: earlier.signature }, KEYS))).toBe("signature");
  });
});

describe("a block", () => {
  it("has the hash of its header, and no changed one has", () => {
    const { block } = proofs.receipt;
    expect(verifyHeader("main", block)).toBe(true);
    expect(verifyHeader("other", block)).toBe(false);
    for (const name of Object.keys(block)) {
      for (const other of [undefined, "1", 1, proofs.receipt_without_text.block.previousHash]) {
        expect([name, verifyHeader("main", changed(block, [name], other))]).toEqual([name, false]);
      }
    }
  });
});
