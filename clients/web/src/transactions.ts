import { minorOf } from "@/amounts";
import type { PostingJson, TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { enumText, t } from "@/i18n";
import { accountName } from "@/people";

/** What a transaction did to an account, asset by asset; what came to nothing is left out. */
export function changesOf(transaction: Pick<TransactionJson, "postings">, account: string): [asset: string, change: bigint][] {
  const changes = new Map<string, bigint>();
  for (const { source, destination, asset = "", amount } of transaction.postings ?? []) {
    const moved = minorOf(amount);
    const change = (destination === account ? moved : 0n) - (source === account ? moved : 0n);
    changes.set(asset, (changes.get(asset) ?? 0n) + change);
  }
  return [...changes].filter(([, change]) => change !== 0n);
}

/** What was paid on top and burned. Fees are the last postings, to `system/sink`. */
export function feesOf(transaction: Pick<TransactionJson, "postings" | "kind">): PostingJson[] {
  if (transaction.kind !== "KIND_TRANSFER" && transaction.kind !== "KIND_CAPTURE") return [];
  return (transaction.postings ?? []).filter(({ destination }) => destination === "system/sink");
}

/** The account on the other side of a transfer; undefined where there are several, or none. */
export function otherSide(transaction: Pick<TransactionJson, "postings">, account: string): string | undefined {
  const others = new Set<string>();
  for (const { source = "", destination = "" } of transaction.postings ?? []) {
    if (destination === "system/sink") continue;
    if (source === account) others.add(destination);
    if (destination === account) others.add(source);
  }
  return others.size === 1 ? [...others][0] : undefined;
}

/** What a transaction is called, such as "Swap"; the kind itself where this app is older than it. */
export function kindText(kind: string | undefined): string {
  return enumText(kind);
}

/** A transaction as the owner of an account reads it: "To @bob", "Swap". */
export function titleFor(transaction: TransactionJson, account: string): string {
  const other = otherSide(transaction, account);
  if (transaction.kind !== "KIND_TRANSFER" || !other) return kindText(transaction.kind);
  const out = (transaction.postings ?? []).some(({ source }) => source === account);
  return t(out ? "transaction-to" : "transaction-from", { name: accountName(other) });
}
