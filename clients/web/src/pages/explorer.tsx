import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { get } from "@/api";
import { Card, EmptyState, Identifier, Loaded, Page, Tabs, Time } from "@/components";
import type { BlockJson } from "@/contracts/ticketonomics/ledger/v1/block_pb";
import type { ListBlocksResponseJson, ListTransactionsResponseJson, WatchTransactionsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { formatInteger, t } from "@/i18n";
import { useResource } from "@/resources";
import { useStream } from "@/streams";
import { entryCount, explorerTabs } from "@/explorer/blocks";
import { SearchBox } from "@/explorer/search-box";
import { TransactionRow } from "@/explorer/transaction-row";

const SHOWN = 15;
const SHOWN_BLOCKS = 8;
/** Blocks follow each other faster than anybody reads them. */
const CALM_MS = 1_000;

/** The newest blocks and transactions, as they happen. */
export default function Explorer(): JSX.Element {
  const first = useResource(
    "explorer-transactions",
    (signal) => get<ListTransactionsResponseJson>("/v1/transactions", { pageSize: SHOWN }, { signal }),
    { lasting: true },
  );
  const [news, setNews] = useState<readonly TransactionJson[]>([]);
  const blocks = useResource("explorer-blocks", (signal) => get<ListBlocksResponseJson>("/v1/blocks", { pageSize: SHOWN_BLOCKS }, { signal }), { everyMs: 15_000 });
  const refresh = useCalm(blocks.reload);
  const state = useStream<WatchTransactionsResponseJson>(
    first.data ? "/v1/transactions:watch" : null,
    { afterSequence: first.data?.lastSequence },
    {
      onMessage: ({ transactions = [] }) => {
        if (!transactions.length) return;
        setNews((before) => newest([...transactions, ...before]));
        refresh();
      },
      onResync: first.reload,
    },
  );
  const live = state.value === "live";

  return (
    <Page title={t("explorer-title")} lead={t("explorer-lead")}>
      <SearchBox />
      <Tabs label={t("explorer-title")} tabs={explorerTabs()} current="/explorer" />
      <p class={`live ${live ? "live-on" : ""}`}>{t(live ? "explorer-live" : "explorer-not-live")}</p>
      <div class="columns">
        <Card title={t("explorer-transactions")}>
          <Loaded resource={first} lines={6}>
            {({ transactions = [] }) => <Transactions transactions={newest([...news, ...transactions])} />}
          </Loaded>
        </Card>
        <Card title={t("explorer-blocks")}>
          <Loaded resource={blocks} lines={6}>
            {({ blocks: found = [] }) => <Blocks blocks={found} />}
          </Loaded>
        </Card>
      </div>
    </Page>
  );
}

/** The newest of them, each once: what the list had and the stream tells again is the same. */
function newest(transactions: readonly TransactionJson[]): TransactionJson[] {
  const bySequence = new Map(transactions.map((transaction) => [transaction.sequence, transaction]));
  const ordered = [...bySequence.values()].sort((a, b) => Number(BigInt(b.sequence ?? "0") - BigInt(a.sequence ?? "0")));
  return ordered.slice(0, SHOWN);
}

/** Calls at most once in a while, and once more for what came meanwhile. */
function useCalm(call: () => void): () => void {
  const waiting = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(waiting.current), []);
  return () => {
    waiting.current ??= setTimeout(() => {
      waiting.current = undefined;
      call();
    }, CALM_MS);
  };
}

function Blocks({ blocks }: { blocks: readonly BlockJson[] }): JSX.Element {
  if (!blocks.length) return <EmptyState title={t("explorer-no-blocks")} />;
  return (
    <ul class="list">
      {blocks.map((block) => (
        <li key={block.height}>
          <article class="entry">
            <div class="entry-what">
              <Link href={`/explorer/blocks/${block.height}`} className="entry-kind">{t("explorer-block-number", { height: formatInteger(BigInt(block.height ?? "0")) })}</Link>
              <p class="entry-parties"><Identifier value={block.hash} shown={12} /></p>
            </div>
            <div class="entry-much">
              <p>{t("explorer-entry-count", { count: entryCount(block) })}</p>
              <p class="entry-time"><Time at={block.blockTime} /></p>
            </div>
          </article>
        </li>
      ))}
    </ul>
  );
}

function Transactions({ transactions }: { transactions: readonly TransactionJson[] }): JSX.Element {
  if (!transactions.length) return <EmptyState title={t("explorer-no-transactions")} hint={t("explorer-no-transactions-hint")} />;
  return (
    <ul class="list">
      {transactions.map((transaction) => <li key={transaction.transactionId}><TransactionRow transaction={transaction} /></li>)}
    </ul>
  );
}
