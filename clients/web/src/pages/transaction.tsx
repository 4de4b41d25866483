import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { get, path } from "@/api";
import { ButtonLink, Card, Facts, Loaded, Page, Time } from "@/components";
import type { GetTransactionResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import type { GetReceiptResponseJson } from "@/contracts/ticketonomics/proofs/v1/proof_service_pb";
import { enumText, formatInteger, t } from "@/i18n";
import { useResource } from "@/resources";
import type { PageProps } from "@/router";
import { Postings } from "@/explorer/postings";

/** One transaction: what moved, when, and in which block. */
export default function TransactionPage({ params }: PageProps): JSX.Element {
  const { id = "" } = params;
  const resource = useResource(`transaction-${id}`, (signal) => get<GetTransactionResponseJson>(path`/v1/transactions/${id}`, {}, { signal }), { lasting: true });
  const kind = resource.data?.transaction?.kind;
  return (
    <Page
      title={kind ? enumText(kind) : t("explorer-transaction")}
      lead={<code class="hash">{id}</code>}
      actions={kind && <ButtonLink href={`/receipt/${id}`} kind="primary">{t("explorer-to-receipt")}</ButtonLink>}
    >
      <Loaded resource={resource} lines={8}>{({ transaction = {} }) => <Transaction transaction={transaction} />}</Loaded>
    </Page>
  );
}

function Transaction({ transaction }: { transaction: TransactionJson }): JSX.Element {
  const id = transaction.transactionId ?? "";
  // The receipt names the block. One that cannot be given out now leaves out no more than that.
  const receipt = useResource(`block-of-${id}`, (signal) => get<GetReceiptResponseJson>(path`/v1/receipts/${id}`, {}, { signal }), { lasting: true });
  const height = receipt.data?.receipt?.block?.height;
  const pairs = Object.entries(transaction.metadata ?? {});
  return (
    <>
      <Card title={t("explorer-facts")}>
        <Facts
          facts={[
            [t("explorer-time"), <Time at={transaction.commitTime} full />],
            [t("explorer-sequence"), formatInteger(BigInt(transaction.sequence ?? "0"))],
            [t("explorer-block"), height ? <Link href={`/explorer/blocks/${height}`}>{formatInteger(BigInt(height))}</Link> : receipt.error ? "—" : "…"],
            transaction.memo ? [t("explorer-memo"), transaction.memo] : null,
            transaction.holdId ? [t("explorer-hold"), <code class="hash">{transaction.holdId}</code>] : null,
            transaction.effectiveTime ? [t("explorer-effective"), <Time at={transaction.effectiveTime} full />] : null,
            transaction.reference ? [t("explorer-reference"), <code class="hash">{transaction.reference}</code>] : null,
            ...pairs.map(([name, value]) => [<code>{name}</code>, value] as const),
          ]}
        />
      </Card>
      <Card title={t("explorer-postings")}>
        <Postings transaction={transaction} />
      </Card>
    </>
  );
}
