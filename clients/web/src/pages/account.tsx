import "@/explorer/explorer.css";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { get, path, Segments } from "@/api";
import { assets, inOrder } from "@/assets";
import { AccountName, Amount, Button, Card, Choice, EmptyState, Facts, Field, List, Loaded, Page, Select, Time } from "@/components";
import type { GetAccountResponseJson, ListBalancesResponseJson, ListTransactionsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import type { BalanceJson } from "@/contracts/ticketonomics/ledger/v1/account_pb";
import { enumText, formatInteger, t } from "@/i18n";
import { personOf } from "@/people";
import { usePages, useResource } from "@/resources";
import type { PageProps } from "@/router";
import { TRANSACTION_KINDS } from "@/verification";
import { TransactionRow } from "@/explorer/transaction-row";

const PAGE = 25;

/** One account: what it has, what it had, and everything that moved it. */
export default function AccountPage({ params }: PageProps): JSX.Element {
  const address = params["*"] ?? "";
  const account = useResource(`account-${address}`, (signal) => get<GetAccountResponseJson>(path`/v1/accounts/${new Segments(address)}`, {}, { signal }));
  const personId = personOf(address);
  return (
    <Page title={t("explorer-account")} lead={<code class="hash">{address}</code>}>
      <Loaded resource={account} lines={8}>
        {({ account: found = {} }) => (
          <>
            <Card title={t("explorer-facts")}>
              <Facts
                facts={[
                  personId ? [t("explorer-owner"), <AccountName address={address} />] : [t("explorer-name"), <AccountName address={address} plain />],
                  [t("explorer-state"), t(`explorer-account-${(found.state ?? "").replace("STATE_", "").toLowerCase() || "open"}`)],
                  [t("explorer-opened"), <Time at={found.openTime} full />],
                  found.closeTime ? [t("explorer-closed"), <Time at={found.closeTime} full />] : null,
                ]}
              />
            </Card>
            <Balances address={address} />
            <History address={address} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

type When = "now" | "height" | "time";

/** What the account has, or had after a block or at a time. */
function Balances({ address }: { address: string }): JSX.Element {
  const [when, setWhen] = useState<When>("now");
  const [height, setHeight] = useState("");
  const [time, setTime] = useState("");
  const [asked, setAsked] = useState<{ height?: string; time?: string }>({});
  const key = `balances-${address}-${asked.height ?? ""}-${asked.time ?? ""}`;
  const resource = useResource(key, (signal) => get<ListBalancesResponseJson>("/v1/balances", { account: address, pageSize: 1000, ...asked }, { signal }));
  const choose = (chosen: When): void => {
    setWhen(chosen);
    if (chosen === "now") setAsked({});
  };
  const readable = when === "height" ? /^[1-9]\d{0,17}$/.test(height) : !Number.isNaN(Date.parse(time));
  return (
    <Card title={t("explorer-balances")}>
      <Choice
        label={t("explorer-when")}
        value={when}
        onChange={choose}
        options={(["now", "height", "time"] as const).map((value) => ({ value, label: t(`explorer-when-${value}`) }))}
      />
      {when !== "now" && (
        <form
          class="inline-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (readable) setAsked(when === "height" ? { height } : { time: new Date(time).toISOString() });
          }}
        >
          {when === "height" ? (
            <Field label={t("explorer-height")} inputMode="numeric" value={height} onInput={setHeight} maxLength={18} />
          ) : (
            <Field label={t("explorer-moment")} type="datetime-local" value={time} onInput={setTime} />
          )}
          <Button type="submit" disabled={!readable}>{t("explorer-show")}</Button>
        </form>
      )}
      <Loaded resource={resource}>
        {(found) => (
          <>
            <BalanceList balances={found.balances ?? []} />
            {when !== "now" && (asked.height || asked.time) && <p class="note">{t("explorer-as-of", { sequence: formatInteger(BigInt(found.lastSequence ?? "0")) })}</p>}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function BalanceList({ balances }: { balances: readonly BalanceJson[] }): JSX.Element {
  const there = balances.filter(({ posted }) => posted && posted !== "0");
  if (!there.length) return <EmptyState title={t("explorer-no-balances")} />;
  const ordered = inOrder(there.map(({ asset }) => asset ?? ""));
  return (
    <ul class="list">
      {ordered.map((asset) => {
        const balance = there.find((one) => one.asset === asset)!;
        return (
          <li key={asset}>
            <article class="entry">
              <p class="entry-what"><Link href={`/explorer/assets/${asset}`}>{asset}</Link></p>
              <p class="entry-much">
                <Amount value={balance.posted} asset={asset} bare />
                {balance.held && balance.held !== "0" && <small> {t("explorer-held")} <Amount value={balance.held} asset={asset} bare /></small>}
              </p>
            </article>
          </li>
        );
      })}
    </ul>
  );
}

/** Everything that moved the account, newest first. */
function History({ address }: { address: string }): JSX.Element {
  const [asset, setAsset] = useState("");
  const [kind, setKind] = useState("");
  const pages = usePages(`history-${address}-${asset}-${kind}`, async (pageToken, signal) => {
    const query = { account: address, asset, kind, pageSize: PAGE, pageToken };
    const page = await get<ListTransactionsResponseJson>("/v1/transactions", query, { signal });
    return { items: page.transactions, nextPageToken: page.nextPageToken };
  });
  const all = { value: "", label: t("explorer-all") };
  return (
    <Card title={t("explorer-history")}>
      <div class="filters">
        <Select label={t("explorer-asset")} value={asset} onChange={setAsset} options={[all, ...inOrder(assets.value.keys()).map((code) => ({ value: code, label: code }))]} />
        <Select label={t("explorer-kind")} value={kind} onChange={setKind} options={[all, ...Object.keys(TRANSACTION_KINDS).map((name) => ({ value: name, label: enumText(name) }))]} />
      </div>
      <List pages={pages} keyOf={(transaction) => transaction.transactionId ?? ""} empty={<EmptyState title={t("explorer-no-transactions")} />}>
        {(transaction) => <TransactionRow transaction={transaction} account={address} />}
      </List>
    </Card>
  );
}
