import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { get, path } from "@/api";
import { ButtonLink, Card, EmptyState, Facts, List, Loaded, Page, Time } from "@/components";
import type { BlockJson } from "@/contracts/ticketonomics/ledger/v1/block_pb";
import type { GetBlockResponseJson, ListTransactionsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { formatInteger, t } from "@/i18n";
import { usePages, useResource } from "@/resources";
import type { PageProps } from "@/router";
import { app } from "@/session";
import { verifyHeader } from "@/verification";
import { entryCount } from "@/explorer/blocks";
import { microsAfter } from "@/explorer/times";
import { TransactionRow } from "@/explorer/transaction-row";

const PAGE = 50;

/** One block: its header, which is hashed again here, and what happened in it. */
export default function BlockPage({ params }: PageProps): JSX.Element {
  const { height = "" } = params;
  const block = useResource(`block-${height}`, (signal) => get<GetBlockResponseJson>(path`/v1/blocks/${height}`, {}, { signal }), { lasting: true });
  return (
    <Page title={t("explorer-block-number", { height: /^\d{1,18}$/.test(height) ? formatInteger(BigInt(height)) : height })} lead={t("explorer-block-lead")}>
      <Loaded resource={block} lines={8}>{({ block: found = {} }) => <Block block={found} />}</Loaded>
    </Page>
  );
}

function Block({ block }: { block: BlockJson }): JSX.Element {
  const height = BigInt(block.height ?? "0");
  const holds = verifyHeader(app.value.economy ?? "main", block);
  return (
    <>
      <nav class="pager" aria-label={t("explorer-block-pager")}>
        {height > 1n && <ButtonLink href={`/explorer/blocks/${height - 1n}`} size="small">{t("explorer-block-below")}</ButtonLink>}
        <ButtonLink href={`/explorer/blocks/${height + 1n}`} size="small">{t("explorer-block-above")}</ButtonLink>
      </nav>
      <Card title={t("explorer-block-header")}>
        <Facts
          facts={[
            [t("explorer-time"), <Time at={block.blockTime} full />],
            [t("explorer-entries"), t("explorer-entry-range", { count: entryCount(block), first: formatInteger(BigInt(block.firstSequence ?? "0")), last: formatInteger(BigInt(block.lastSequence ?? "0")) })],
            [t("explorer-hash"), <code class="hash">{block.hash}</code>],
            [t("explorer-previous"), <code class="hash">{block.previousHash}</code>],
            [t("explorer-root"), <code class="hash">{block.merkleRoot}</code>],
            [t("explorer-recomputed"), <span class={holds ? "gain" : "loss"}>{t(holds ? "explorer-hash-holds" : "explorer-hash-wrong")}</span>],
          ]}
        />
      </Card>
      <Contents block={block} />
    </>
  );
}

function Contents({ block }: { block: BlockJson }): JSX.Element {
  const { blockTime = "", firstSequence = "0", lastSequence = "0" } = block;
  const pages = usePages(`block-transactions-${block.height}`, async (pageToken, signal) => {
    // A block's transactions are those of its moment; another block may have been made in the same.
    const query = { startTime: blockTime, endTime: microsAfter(blockTime, 1n), pageSize: PAGE, pageToken };
    const page = await get<ListTransactionsResponseJson>("/v1/transactions", query, { signal });
    const inside = (sequence = "0"): boolean => BigInt(sequence) >= BigInt(firstSequence) && BigInt(sequence) <= BigInt(lastSequence);
    return { items: page.transactions?.filter(({ sequence }) => inside(sequence)), nextPageToken: page.nextPageToken };
  }, { lasting: true });
  return (
    <Card title={t("explorer-block-transactions")}>
      <List pages={pages} keyOf={(transaction) => transaction.transactionId ?? ""} empty={<EmptyState title={t("explorer-block-empty")} hint={t("explorer-block-empty-hint")} />}>
        {(transaction) => <TransactionRow transaction={transaction} />}
      </List>
    </Card>
  );
}
