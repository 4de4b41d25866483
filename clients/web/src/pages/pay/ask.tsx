import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { post } from "@/api";
import { amountText } from "@/assets";
import { Amount, Button, ButtonLink, Card, Facts, IntentionSheet, Select } from "@/components";
import type { RequestPaymentRequestJson, RequestPaymentResponseJson } from "@/contracts/ticketonomics/payments/v1/payment_service_pb";
import { formatDate, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { usePaymentForm, type First } from "@/pages/pay/form";
import { nameOf, type Someone } from "@/people";
import { app, myAccount } from "@/session";

interface Wish {
  person: Someone;
  asset: string;
  amount: bigint;
  memo: string;
  expireTime: string;
}

const DAY_MS = 86_400_000;
const DAYS = ["1", "7", "30", "90"] as const;

/** Asks a person for an amount, who then accepts or declines. */
export function Ask({ first }: { first: First }): JSX.Element {
  const form = usePaymentForm(first, t("pay-from"), false);
  const [days, setDays] = useState<(typeof DAYS)[number]>("7");
  const wish = useIntention<Wish, RequestPaymentResponseJson>({
    perform: ({ person, asset, amount, memo, expireTime }, requestId) =>
      post("/v1/paymentRequests", {
        payee: myAccount.value, payer: person.account ?? "", asset, amount: amount.toString(), memo, expireTime,
      } satisfies RequestPaymentRequestJson, { requestId }),
    onDone: form.clear,
  });
  const { person } = form.found;
  const ready = person !== undefined && form.amount !== undefined && !app.value.maintenance;
  // A little before the day is over: the ledger's clock may be behind this one.
  const expireTime = (): string => new Date(Date.now() + Number(days) * DAY_MS - 60_000).toISOString();

  return (
    <Card>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) wish.ask({ person, asset: form.asset, amount: form.amount!, memo: form.memo, expireTime: expireTime() });
        }}
      >
        {form.fields}
        <Select label={t("ask-until")} value={days} onChange={setDays} options={DAYS.map((value) => ({ value, label: t("ask-days", { days: Number(value) }) }))} />
        <Button kind="primary" size="wide" type="submit" disabled={!ready}>{t("pay-next")}</Button>
      </form>
      <IntentionSheet
        intention={wish}
        title={t("ask-check")}
        confirm={t("ask-confirm")}
        doneTitle={t("ask-done")}
        preview={(meant) => (
          <>
            <p class="pay-figure"><Amount value={meant.amount} asset={meant.asset} /></p>
            <Facts
              facts={[
                [t("pay-from"), <strong>{nameOf(meant.person, meant.person.personId ?? "")}</strong>],
                meant.memo ? [t("pay-memo"), meant.memo] : null,
                [t("ask-until"), formatDate(new Date(meant.expireTime))],
              ]}
            />
            <p class="sheet-note">{t("ask-note")}</p>
          </>
        )}
        outcome={(_, { person: from, asset, amount }) => (
          <>
            <p class="outcome-line">{t("ask-done-from", { amount: amountText(amount, asset), asset, name: nameOf(from, from.personId ?? "") })}</p>
            <ButtonLink href="/wallet/requests">{t("wallet-requests")}</ButtonLink>
          </>
        )}
      />
    </Card>
  );
}
