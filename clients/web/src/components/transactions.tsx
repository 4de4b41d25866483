import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { Amount, Time } from "@/components/values";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { changesOf, kindText, otherSide, titleFor } from "@/transactions";
import { accountName } from "@/people";

/** A line of an account's history: what it was, and what it did to the account. Leads to its receipt. */
export function TransactionLine({ transaction, account }: { transaction: TransactionJson; account: string }): JSX.Element {
  return (
    <Link href={`/receipt/${transaction.transactionId}`} className="item">
      <span>
        <strong>{titleFor(transaction, account)}</strong>
        {transaction.memo && <span class="item-memo">{transaction.memo}</span>}
        <span class="item-note"><Time at={transaction.commitTime} /></span>
      </span>
      <span class="item-end">
        {changesOf(transaction, account).map(([asset, change]) => (
          <span key={asset} class={change > 0n ? "change good" : "change"}>
            <Amount value={change} asset={asset} style={{ signed: true }} />
          </span>
        ))}
      </span>
    </Link>
  );
}

/** A line of everybody's history: who with whom. Leads to the explorer. */
export function PublicTransactionLine({ transaction }: { transaction: TransactionJson }): JSX.Element {
  const [posting] = transaction.postings ?? [];
  const transfer = transaction.kind === "KIND_TRANSFER";
  const who = posting?.source?.startsWith("users/") ? posting.source : posting?.destination;
  const other = transfer && who ? otherSide(transaction, who) : undefined;
  return (
    <Link href={`/explorer/transactions/${transaction.transactionId}`} className="item">
      <span>
        <strong>{kindText(transaction.kind)}</strong>
        <span class="item-note">
          {who && accountName(who)}
          {other && ` → ${accountName(other)}`} · <Time at={transaction.commitTime} />
        </span>
      </span>
      <span class="item-end">{posting && <Amount value={posting.amount} asset={posting.asset ?? ""} style={{ compact: true }} />}</span>
    </Link>
  );
}
