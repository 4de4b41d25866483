import type { SignedHeadJson } from "@/contracts/ticketonomics/proofs/v1/head_pb";

/** The newest head that this browser has verified, and since when it keeps watch. */
export interface Kept {
  head: SignedHeadJson;
  /** When the first head was kept, in ISO 8601. */
  since: string;
}

const nameOf = (economy: string): string => `ticketonomics.head.${economy}`;

/** What is kept of an economy; undefined for nothing, or where a browser keeps nothing. */
export function readKept(economy: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(nameOf(economy)) ?? "null") as Kept | null;
    return kept?.head?.treeSize && kept.since ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a head that was verified, if it is newer than the one that is kept. */
export function keep(head: SignedHeadJson, now: Date = new Date()): void {
  const economy = head.economy ?? "";
  const before = readKept(economy);
  if (before && BigInt(before.head.treeSize ?? "0") >= BigInt(head.treeSize ?? "0")) return;
  const kept: Kept = { head, since: before?.since ?? now.toISOString() };
  try {
    localStorage.setItem(nameOf(economy), JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing compares with nothing, and says so.
  }
}

/** Begins anew: for whoever knows why the ledger is another one. */
export function forget(economy: string): void {
  localStorage.removeItem(nameOf(economy));
}
