import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "@/api";
import { AccountName, Amount, Card, Choice, EmptyState, List, Time } from "@/components";
import type { Hold_StateJson, HoldJson } from "@/contracts/ticketonomics/ledger/v1/hold_pb";
import type { ListHoldsResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { t } from "@/i18n";
import { usePages } from "@/resources";
import { myAccount } from "@/session";

const PAGE = 30;

/** What is set aside, for whom, and until when. */
export function Holds(): JSX.Element {
  const account = myAccount.value;
  const [state, setState] = useState<Hold_StateJson>("STATE_OPEN");
  const pages = usePages<HoldJson>(`holds ${account} ${state}`, async (pageToken, signal) => {
    const page = await get<ListHoldsResponseJson>("/v1/holds", { account, state, pageSize: PAGE, pageToken }, { signal });
    return { items: page.holds, nextPageToken: page.nextPageToken };
  });
  return (
    <Card title={t("wallet-holds")}>
      <p class="soft">{t("holds-what")}</p>
      <Choice
        label={t("wallet-holds")}
        value={state}
        onChange={setState}
        options={[
          { value: "STATE_OPEN", label: t("holds-open") },
          { value: "STATE_UNSPECIFIED", label: t("holds-all") },
        ]}
      />
      <List pages={pages} keyOf={({ holdId }) => holdId ?? ""} empty={<EmptyState title={t("holds-none")} />}>
        {(hold) => <Line hold={hold} account={account} />}
      </List>
    </Card>
  );
}

function Line({ hold, account }: { hold: HoldJson; account: string }): JSX.Element {
  const open = hold.state === "STATE_OPEN";
  return (
    <div class="entry">
      {(hold.postings ?? []).map((posting, index) => (
        <div key={index} class="between">
          <span>{posting.source === account ? <>{t("holds-for")} <AccountName address={posting.destination} /></> : <>{t("holds-from")} <AccountName address={posting.source} /></>}</span>
          <strong><Amount value={posting.amount} asset={posting.asset ?? ""} /></strong>
        </div>
      ))}
      {hold.memo && <span class="item-memo">{hold.memo}</span>}
      <span class="item-note">
        {open ? <>{t("holds-until")} <Time at={hold.expireTime} full /></> : <>{t(`hold-${(hold.state ?? "").replace("STATE_", "").toLowerCase()}`)} · <Time at={hold.endTime} /></>}
      </span>
    </div>
  );
}
