import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { path, post } from "@/api";
import { inOrder, assets } from "@/assets";
import { AmountField, assetName, Button, Card, Facts, Field, Identifier, IntentionSheet, readAmount, Select, Switch } from "@/components";
import type { PeriodJson } from "@/contracts/ticketonomics/spending/v1/limit_pb";
import type { GrantAllowanceRequestJson, GrantAllowanceResponseJson } from "@/contracts/ticketonomics/spending/v1/spending_service_pb";
import { formatDate, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { termsOf } from "@/pages/wallet/allowances";
import { app, me } from "@/session";

const PERIODS: readonly PeriodJson[] = ["PERIOD_HOUR", "PERIOD_DAY", "PERIOD_WEEK", "PERIOD_MONTH", "PERIOD_TOTAL"];
const APPLICATION = /^[0-9a-z]{16}$/;
const DAY_MS = 86_400_000;
const LASTING = ["", "1", "7", "30", "365"] as const;

type Terms = Omit<GrantAllowanceRequestJson, "requestId" | "personId">;

export interface FirstTerms {
  application: string;
  asset: string;
  amount: string;
  period: string;
}

/** Lets an application take something. A link of the application may fill the form; the person decides. */
export function Grant({ first }: { first: FirstTerms }): JSX.Element {
  const [application, setApplication] = useState(first.application);
  const [asset, setAsset] = useState(first.asset.toUpperCase());
  const [typed, setTyped] = useState(first.amount);
  const [period, setPeriod] = useState<PeriodJson>(PERIODS.find((known) => known === `PERIOD_${first.period.toUpperCase()}`) ?? "PERIOD_DAY");
  const [asks, setAsks] = useState(false);
  const [days, setDays] = useState<(typeof LASTING)[number]>("");
  const personId = me.value?.personId ?? "";
  const grant = useIntention<Terms, GrantAllowanceResponseJson>({
    perform: (terms, requestId) => post(path`/v1/people/${personId}/allowances`, terms, { requestId }),
  });
  const parsed = readAmount(typed, asset);
  const wanted = application.trim().toLowerCase();
  const ready = APPLICATION.test(wanted) && (asks || "minor" in parsed) && !app.value.maintenance;

  function ask(): void {
    if (!ready) return;
    const expireTime = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : undefined;
    const limit: Terms = asks || !("minor" in parsed) ? { askEachTime: true } : { amount: parsed.minor.toString(), period };
    grant.ask({ applicationId: wanted, asset, ...limit, ...(expireTime ? { expireTime } : {}) });
  }

  return (
    <Card title={t("grant-title")} class="narrow">
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
      >
        <Field label={t("allowance-application")} value={application} onInput={setApplication} maxLength={16} hint={t("grant-application-hint")} error={wanted && !APPLICATION.test(wanted) ? t("grant-application-wrong") : undefined} />
        <Select label={t("pay-asset")} value={asset} onChange={setAsset} options={inOrder(new Set([asset, ...assets.value.keys()])).map((code) => ({ value: code, label: assetName(code) }))} />
        <Switch label={t("grant-asks")} hint={t("grant-asks-hint")} checked={asks} onChange={setAsks} />
        {!asks && (
          <>
            <AmountField label={t("grant-amount")} asset={asset} value={typed} onInput={setTyped} />
            <Select label={t("grant-period")} value={period} onChange={setPeriod} options={PERIODS.map((value) => ({ value, label: t(`period-${value.replace("PERIOD_", "").toLowerCase()}`) }))} />
          </>
        )}
        <Select label={t("grant-lasting")} value={days} onChange={setDays} options={LASTING.map((value) => ({ value, label: value ? t("ask-days", { days: Number(value) }) : t("grant-no-end") }))} />
        <Button kind="primary" type="submit" size="wide" disabled={!ready}>{t("pay-next")}</Button>
      </form>
      <IntentionSheet
        intention={grant}
        title={t("grant-title")}
        confirm={t("grant-confirm")}
        doneTitle={t("grant-done")}
        preview={(terms) => (
          <>
            <Facts
              facts={[
                [t("allowance-application"), <Identifier value={terms.applicationId} shown={16} />],
                [t("allowance-terms"), termsOf(terms)],
                [t("allowance-until"), terms.expireTime ? formatDate(new Date(terms.expireTime)) : t("grant-no-end")],
              ]}
            />
            <p class="sheet-note">{t("grant-note")}</p>
          </>
        )}
        outcome={(_, terms) => <p class="outcome-line">{termsOf(terms)}</p>}
      />
    </Card>
  );
}
