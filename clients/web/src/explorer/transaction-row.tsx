import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { AccountName, Amount, Time } from "@/components";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { enumText, t } from "@/i18n";
import { mainPosting, netOf, othersOf } from "@/explorer/nets";

/** A transaction in a list. Seen from an account, it tells what changed there. */
export function TransactionRow({ transaction, account }: { transaction: TransactionJson; account?: string }): JSX.Element {
  const address = `/explorer/transactions/${transaction.transactionId}`;
  return (
    <article class="entry">
      <div class="entry-what">
        <Link href={address} className="entry-kind">{enumText(transaction.kind)}</Link>
        <p class="entry-parties">{account ? <Others transaction={transaction} account={account} /> : <Parties transaction={transaction} />}</p>
      </div>
      <div class="entry-much">
        {account ? <Changes transaction={transaction} account={account} /> : <Main transaction={transaction} />}
        <p class="entry-time"><Time at={transaction.commitTime} /></p>
      </div>
    </article>
  );
}

function Parties({ transaction }: { transaction: TransactionJson }): JSX.Element | null {
  const posting = mainPosting(transaction);
  if (!posting) return null;
  return (
    <>
      <AccountName address={posting.source} /> <span aria-label={t("explorer-to")}>→</span> <AccountName address={posting.destination} />
    </>
  );
}

function Others({ transaction, account }: { transaction: TransactionJson; account: string }): JSX.Element {
  const [first, ...more] = othersOf(transaction, account);
  return (
    <>
      <AccountName address={first} />
      {more.length > 0 && <> {t("explorer-and-more", { count: more.length })}</>}
    </>
  );
}

function Main({ transaction }: { transaction: TransactionJson }): JSX.Element | null {
  const posting = mainPosting(transaction);
  if (!posting) return null;
  const more = (transaction.postings?.length ?? 0) - 1;
  return (
    <p>
      <Amount value={posting.amount} asset={posting.asset ?? ""} style={{ trimmed: true }} />
      {more > 0 && <small> {t("explorer-and-more", { count: more })}</small>}
    </p>
  );
}

function Changes({ transaction, account }: { transaction: TransactionJson; account: string }): JSX.Element {
  return (
    <>
      {netOf(transaction, account).map(([asset, change]) => (
        <p key={asset} class={change > 0n ? "gain" : "loss"}>
          <Amount value={change} asset={asset} style={{ signed: true, trimmed: true }} />
        </p>
      ))}
    </>
  );
}
