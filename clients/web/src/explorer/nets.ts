import type { PostingJson, TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";

/** What a transaction did to an account, by asset; assets that came and went in equal parts are left out. */
export function netOf(transaction: TransactionJson, account: string): [asset: string, change: bigint][] {
  const sums = new Map<string, bigint>();
  for (const posting of transaction.postings ?? []) {
    const { asset = "", amount = "0" } = posting;
    const sign = (posting.destination === account ? 1n : 0n) - (posting.source === account ? 1n : 0n);
    if (sign) sums.set(asset, (sums.get(asset) ?? 0n) + sign * BigInt(amount));
  }
  return [...sums].filter(([, change]) => change !== 0n);
}

/** The other side of a transaction, seen from an account: the accounts it gave to or took from. */
export function othersOf(transaction: TransactionJson, account: string): string[] {
  const others = (transaction.postings ?? []).flatMap(({ source = "", destination = "" }) =>
    source === account ? [destination] : destination === account ? [source] : [],
  );
  return [...new Set(others)].filter((address) => address !== account);
}

/** The posting that tells most about a transaction: the first that is no fee. */
export function mainPosting(transaction: TransactionJson): PostingJson | undefined {
  const postings = transaction.postings ?? [];
  return postings.find((posting) => posting.destination !== "system/sink") ?? postings[0];
}
