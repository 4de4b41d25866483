import type { JSX } from "preact";
import { Card, Facts, Time } from "@/components";
import type { ReceiptJson } from "@/contracts/ticketonomics/proofs/v1/receipt_pb";
import { enumText, formatInteger, t } from "@/i18n";
import { Postings } from "@/explorer/postings";

/** What a receipt is about, as it tells it. */
export function Entry({ receipt }: { receipt: ReceiptJson }): JSX.Element {
  const { transaction, block, signedHead } = receipt;
  if (!transaction) return <Card ticket title={t("receipt-entry")}>{t("receipt-no-transaction")}</Card>;
  return (
    <Card ticket title={enumText(transaction.kind)}>
      <Postings transaction={transaction} />
      <Facts
        facts={[
          [t("explorer-time"), <Time at={transaction.commitTime} full />],
          [t("explorer-sequence"), formatInteger(BigInt(transaction.sequence ?? "0"))],
          [t("explorer-block"), formatInteger(BigInt(block?.height ?? "0"))],
          [t("receipt-economy"), signedHead?.economy ?? ""],
          transaction.memo ? [t("explorer-memo"), transaction.memo] : null,
          transaction.reference ? [t("explorer-reference"), transaction.reference] : null,
          [t("explorer-transaction-id"), <code class="hash">{transaction.transactionId}</code>],
        ]}
      />
    </Card>
  );
}
