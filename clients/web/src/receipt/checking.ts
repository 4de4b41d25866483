import { get, path } from "@/api";
import type { SignedHeadJson } from "@/contracts/ticketonomics/proofs/v1/head_pb";
import type { GetConsistencyProofResponseJson, ListSigningKeysResponseJson } from "@/contracts/ticketonomics/proofs/v1/proof_service_pb";
import type { ReceiptJson } from "@/contracts/ticketonomics/proofs/v1/receipt_pb";
import { ApiError } from "@/problems";
import { verifyReceipt, type Pinned, type Verdict } from "@/verification";
import { keep, readKept, type Kept } from "@/receipt/kept";

/** What came of checking a receipt in this page. */
export interface Checked {
  verdict: Verdict;
  /** The head that the receipt's was compared with; undefined where none was kept. */
  kept: Kept | undefined;
  /** Whether the ledger is not what this browser saw before, whatever else holds. */
  rewritten: boolean;
}

/** Verifies a receipt, and that its head continues what this browser saw before; keeps the newest head. */
export async function check(receipt: ReceiptJson, signal?: AbortSignal): Promise<Checked> {
  const head = receipt.signedHead ?? {};
  const kept = readKept(head.economy ?? "");
  const [keys, pinned] = await Promise.all([readKeys(signal), kept ? pin(kept.head, head, signal) : undefined]);
  const verdict = verifyReceipt(receipt, keys, pinned);
  if (verdict.ok) keep(head);
  return { verdict, kept, rewritten: verdict.steps.some((step) => step.check === "consistency" && !step.ok) };
}

async function readKeys(signal?: AbortSignal): Promise<unknown[]> {
  const page = await get<ListSigningKeysResponseJson>("/v1/signingKeys", { pageSize: 1000 }, { signal });
  return page.signingKeys ?? [];
}

/** Asks for the proof that one of the heads continues the other. */
async function pin(kept: SignedHeadJson, head: SignedHeadJson, signal?: AbortSignal): Promise<Pinned> {
  const sizes = [kept.treeSize ?? "0", head.treeSize ?? "0"];
  if (sizes[0] === sizes[1]) return { head: kept, path: [] };
  const [first, second] = sizes.sort((a, b) => Number(BigInt(a) - BigInt(b)));
  try {
    const proof = await get<GetConsistencyProofResponseJson>(path`/v1/consistencyProofs/${first!}`, { secondSize: second }, { signal });
    return { head: kept, path: proof.path ?? [] };
  } catch (thrown) {
    // A ledger that has not the blocks any more that it had: nothing proves that it continues them.
    if (thrown instanceof ApiError && thrown.reason === "BLOCK_NOT_FOUND") return { head: kept, path: [] };
    throw thrown;
  }
}
