import type { JSX } from "preact";
import { AccountName, Amount } from "@/components";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { t } from "@/i18n";

/** What moved, from where to where: all postings, fees included. */
export function Postings({ transaction }: { transaction: TransactionJson }): JSX.Element {
  return (
    <ul class="list">
      {(transaction.postings ?? []).map((posting, index) => (
        <li key={index}>
          <article class="entry">
            <p class="entry-what"><AccountName address={posting.source} /> <span aria-label={t("explorer-to")}>→</span> <AccountName address={posting.destination} /></p>
            <p class="entry-much"><Amount value={posting.amount} asset={posting.asset ?? ""} /></p>
          </article>
        </li>
      ))}
    </ul>
  );
}
