import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "@/api";
import { ButtonLink, Card, EmptyState, Loaded, PublicTransactionLine, TransactionLine } from "@/components";
import type { ListTransactionsResponseJson, WatchTransactionsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { TransactionJson } from "@/contracts/ticketonomics/ledger/v1/transaction_pb";
import { t } from "@/i18n";
import { touch, useResource, type Resource } from "@/resources";
import { myAccount } from "@/session";
import { useStream } from "@/streams";

const SHOWN = 8;

/** My newest transactions, live: what arrives also renews the balances. */
export function Activity(): JSX.Element {
  const account = myAccount.value;
  const newest = useNewest(account, touch);
  return (
    <Card title={t("home-activity")} actions={<ButtonLink href="/wallet" kind="quiet" size="small">{t("home-all")}</ButtonLink>}>
      <Loaded resource={newest} lines={5}>
        {(transactions) =>
          transactions.length ? (
            <ul class="list">{transactions.map((one) => <li key={one.transactionId}><TransactionLine transaction={one} account={account} /></li>)}</ul>
          ) : (
            <EmptyState title={t("home-no-activity")} hint={t("home-no-activity-hint")} />
          )
        }
      </Loaded>
    </Card>
  );
}

/** What happens in the whole economy, for visitors. */
export function EconomyActivity(): JSX.Element {
  const newest = useNewest("");
  return (
    <Card title={t("home-economy-activity")} actions={<ButtonLink href="/explorer" kind="quiet" size="small">{t("nav-explorer")}</ButtonLink>}>
      <Loaded resource={newest} lines={5}>
        {(transactions) => <ul class="list">{transactions.map((one) => <li key={one.transactionId}><PublicTransactionLine transaction={one} /></li>)}</ul>}
      </Loaded>
    </Card>
  );
}

/** The newest transactions of an account, or of all: read once, then followed. */
function useNewest(account: string, onNew?: () => void): Resource<TransactionJson[]> {
  const [arrived, setArrived] = useState<TransactionJson[]>([]);
  const read = useResource(
    `newest ${account}`,
    async (signal) => (await get<ListTransactionsResponseJson>("/v1/transactions", { account, pageSize: SHOWN }, { signal })).transactions ?? [],
    { lasting: true },
  );
  useStream<WatchTransactionsResponseJson>("/v1/transactions:watch", account ? { accounts: [account] } : {}, {
    onMessage: ({ transactions = [] }) => {
      if (!transactions.length) return;
      setArrived((before) => [...transactions.toReversed(), ...before].slice(0, SHOWN));
      onNew?.();
    },
    onResync: () => {
      read.reload();
      onNew?.();
    },
  });
  return { ...read, data: read.data && merged([...arrived, ...read.data]) };
}

/** What was read and what arrived may overlap. */
function merged(transactions: TransactionJson[]): TransactionJson[] {
  const once = new Map(transactions.map((one) => [one.transactionId, one]));
  return [...once.values()].sort((a, b) => Number(b.sequence ?? 0) - Number(a.sequence ?? 0)).slice(0, SHOWN);
}
