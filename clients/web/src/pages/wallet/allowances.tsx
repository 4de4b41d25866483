import type { JSX } from "preact";
import { useSearchParams } from "wouter-preact";
import { get, path, post } from "@/api";
import { minorOf } from "@/amounts";
import { amountText } from "@/assets";
import { Amount, Button, Card, EmptyState, Facts, Identifier, IntentionSheet, List, Meter, Time } from "@/components";
import type { AllowanceJson } from "@/contracts/ticketonomics/spending/v1/limit_pb";
import type { ListAllowancesResponseJson, RevokeAllowanceResponseJson } from "@/contracts/ticketonomics/spending/v1/spending_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { Grant } from "@/pages/wallet/grant";
import { usePages } from "@/resources";
import { app, me } from "@/session";

const PAGE = 50;

/** What applications may take from me, and taking that away. */
export function Allowances(): JSX.Element {
  const personId = me.value?.personId ?? "";
  const [search] = useSearchParams();
  const pages = usePages<AllowanceJson>(`allowances ${personId}`, async (pageToken, signal) => {
    const page = await get<ListAllowancesResponseJson>("/v1/allowances", { personId, pageSize: PAGE, pageToken }, { signal });
    return { items: page.allowances, nextPageToken: page.nextPageToken };
  });
  const revoke = useIntention<AllowanceJson, RevokeAllowanceResponseJson>({
    perform: ({ applicationId, asset }, requestId) => post(path`/v1/people/${personId}/allowances:revoke`, { applicationId, asset }, { requestId }),
  });
  return (
    <div class="stack">
      <Card title={t("wallet-allowances")}>
        <p class="soft">{t("allowances-what")}</p>
        <List pages={pages} keyOf={({ applicationId, asset }) => `${applicationId} ${asset}`} empty={<EmptyState title={t("allowances-none")} hint={t("allowances-none-hint")} />}>
          {(allowance) => <Line allowance={allowance} revoke={() => revoke.ask(allowance)} />}
        </List>
        <IntentionSheet
          intention={revoke}
          title={t("allowance-revoke-title")}
          confirm={t("allowance-revoke")}
          danger
          preview={(allowance) => (
            <>
              <Facts facts={[[t("allowance-application"), <Identifier value={allowance.applicationId} shown={16} />], [t("allowance-terms"), termsOf(allowance)]]} />
              <p class="sheet-note">{t("allowance-revoke-note")}</p>
            </>
          )}
          outcome={() => <p class="outcome-line">{t("allowance-revoked")}</p>}
        />
      </Card>
      <Grant first={{ application: search.get("application") ?? "", asset: search.get("asset") ?? "BRONZE", amount: search.get("amount") ?? "", period: search.get("period") ?? "" }} />
    </div>
  );
}

function Line({ allowance, revoke }: { allowance: AllowanceJson; revoke: () => void }): JSX.Element {
  const { asset = "" } = allowance;
  const over = allowance.expireTime !== undefined && Date.parse(allowance.expireTime) <= Date.now();
  return (
    <div class="entry">
      <div class="between">
        <span>{t("allowance-application")} <Identifier value={allowance.applicationId} shown={16} /></span>
        <Button size="small" disabled={app.value.maintenance} onClick={revoke}>{t("allowance-revoke")}</Button>
      </div>
      <strong>{termsOf(allowance)}</strong>
      {!allowance.askEachTime && (
        <>
          <Meter value={Number(minorOf(allowance.spent))} most={Number(minorOf(allowance.amount))} label={t("allowance-spent")} text={amountText(allowance.spent, asset)} />
          <span class="item-note">
            {t("allowance-spent")} <Amount value={allowance.spent} asset={asset} /> · {t("allowance-left")} <Amount value={allowance.left} asset={asset} />
            {allowance.renewTime && <> · {t("allowance-renews")} <Time at={allowance.renewTime} /></>}
          </span>
        </>
      )}
      {allowance.expireTime && <span class="item-note">{t(over ? "allowance-over" : "allowance-until")} <Time at={allowance.expireTime} full /></span>}
    </div>
  );
}

/** Such as "up to 50.00 BRONZE a day". */
export function termsOf({ askEachTime, amount, asset = "", period = "PERIOD_TOTAL" }: Pick<AllowanceJson, "askEachTime" | "amount" | "asset" | "period">): string {
  if (askEachTime) return t("allowance-asks");
  return t(`allowance-${period.replace("PERIOD_", "").toLowerCase()}`, { amount: amountText(amount, asset), asset });
}
