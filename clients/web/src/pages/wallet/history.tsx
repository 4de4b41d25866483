import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, type Query } from "@/api";
import { editableAmount } from "@/amounts";
import { assets, decimalsOf, inOrder } from "@/assets";
import { assetName, Button, Card, EmptyState, Field, List, Select, TransactionLine } from "@/components";
import { toast } from "@/components/notices";
import type { ListTransactionsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { Transaction_KindJson, TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { csvOf, download } from "@/downloads";
import { errorText, t } from "@/i18n";
import { ApiError } from "@/problems";
import { usePages } from "@/resources";
import { myAccount } from "@/session";
import { changesOf, kindText, otherSide } from "@/transactions";

const KINDS: readonly Transaction_KindJson[] = [
  "KIND_TRANSFER", "KIND_SWAP", "KIND_REWARD_PAID", "KIND_QUEUE_JOINED", "KIND_QUEUE_LEFT", "KIND_QUEUE_DRAWN", "KIND_QUEUE_EXPIRED",
  "KIND_TICKETS_CONVERTED", "KIND_LIQUIDITY_ADDED", "KIND_LIQUIDITY_REMOVED", "KIND_CAPTURE", "KIND_PROPOSAL_CREATED", "KIND_DEPOSIT_RETURNED",
  "KIND_DEPOSIT_BURNED", "KIND_MINT", "KIND_BURN", "KIND_IMPORTED", "KIND_MERGE",
];
const PAGE = 30;
const EXPORT_PAGE = 1000;
/** A file that is longer is no help to anybody; the filters make it shorter. */
const MOST_EXPORTED = 20_000;

interface Filters {
  asset: string;
  kind: Transaction_KindJson | "";
  from: string;
  to: string;
}

const NONE: Filters = { asset: "", kind: "", from: "", to: "" };

/** Everything that moved on my account, newest first. */
export function History(): JSX.Element {
  const account = myAccount.value;
  const [filters, setFilters] = useState(NONE);
  const [exporting, setExporting] = useState(false);
  const query = queryOf(account, filters);
  const pages = usePages<TransactionJson>(`history ${JSON.stringify(query)}`, (pageToken, signal) => readPage({ ...query, pageSize: PAGE, pageToken }, signal));
  const set = <Name extends keyof Filters>(name: Name) => (value: Filters[Name]) => setFilters((before) => ({ ...before, [name]: value }));
  const filtered = Object.values(filters).some(Boolean);

  async function exportAll(): Promise<void> {
    setExporting(true);
    try {
      const { rows, cut } = await readAll(query);
      download(`ticketonomics-${new Date().toISOString().slice(0, 10)}.csv`, csvFor(rows, account), "text/csv;charset=utf-8");
      if (cut) toast(t("history-cut", { count: rows.length }));
    } catch (thrown) {
      toast(errorText(ApiError.from(thrown)), "bad");
    } finally {
      setExporting(false);
    }
  }

  return (
    <Card title={t("wallet-history")} actions={<Button size="small" busy={exporting} onClick={() => void exportAll()}>{t("history-csv")}</Button>}>
      <details class="filters" open={filtered}>
        <summary>{t("history-filter")}</summary>
        <div class="filters-fields">
          <Select label={t("history-asset")} value={filters.asset} onChange={set("asset")} options={[{ value: "", label: t("history-any") }, ...inOrder(assets.value.keys()).map((code) => ({ value: code, label: assetName(code) }))]} />
          <Select label={t("history-kind")} value={filters.kind} onChange={set("kind")} options={[{ value: "" as const, label: t("history-any") }, ...KINDS.map((kind) => ({ value: kind, label: kindText(kind) }))]} />
          <Field label={t("history-from")} type="date" value={filters.from} onInput={set("from")} />
          <Field label={t("history-to")} type="date" value={filters.to} onInput={set("to")} />
        </div>
        {filtered && <Button kind="quiet" onClick={() => setFilters(NONE)}>{t("history-clear")}</Button>}
      </details>
      <List
        pages={pages}
        keyOf={({ transactionId }) => transactionId ?? ""}
        empty={<EmptyState title={t(filtered ? "history-none-found" : "home-no-activity")} hint={filtered ? undefined : t("home-no-activity-hint")} />}
      >
        {(transaction) => <TransactionLine transaction={transaction} account={account} />}
      </List>
    </Card>
  );
}

/** Days are those of the person's own calendar; the last day is included. */
function queryOf(account: string, { asset, kind, from, to }: Filters): Query {
  const startOf = (day: string, later: number): string | undefined => {
    if (!day) return undefined;
    const [year, month, date] = day.split("-").map(Number);
    const start = new Date(year!, month! - 1, date! + later);
    return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
  };
  return { account, asset, kind, startTime: startOf(from, 0), endTime: startOf(to, 1) };
}

async function readPage(query: Query, signal?: AbortSignal): Promise<{ items: TransactionJson[] | undefined; nextPageToken: string | undefined }> {
  const page = await get<ListTransactionsResponseJson>("/v1/transactions", query, { signal });
  return { items: page.transactions, nextPageToken: page.nextPageToken };
}

async function readAll(query: Query): Promise<{ rows: TransactionJson[]; cut: boolean }> {
  const rows: TransactionJson[] = [];
  let pageToken = "";
  do {
    const page = await readPage({ ...query, pageSize: EXPORT_PAGE, pageToken });
    rows.push(...(page.items ?? []));
    pageToken = page.nextPageToken ?? "";
  } while (pageToken && rows.length < MOST_EXPORTED);
  return { rows, cut: pageToken !== "" };
}

/** One row an asset that changed. Numbers have a point, whatever the language: programs read them. */
function csvFor(transactions: TransactionJson[], account: string): string {
  const rows = transactions.flatMap((one) =>
    changesOf(one, account).map(([asset, change]) => ({
      time: one.commitTime,
      sequence: one.sequence,
      transaction: one.transactionId,
      kind: one.kind?.replace("KIND_", ""),
      other_account: otherSide(one, account),
      asset,
      amount: (change < 0n ? "-" : "") + editableAmount(change < 0n ? -change : change, decimalsOf(asset), "en"),
      memo: one.memo,
    })),
  );
  // The mark at the beginning tells spreadsheets that it is UTF-8.
  return `\ufeff${csvOf(rows)}`;
}
