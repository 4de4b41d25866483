import type { JSX } from "preact";
import { post } from "@/api";
import { amountText, transferFee } from "@/assets";
import { Amount, Button, ButtonLink, Card, Facts, IntentionSheet } from "@/components";
import type { TransferRequestJson, TransferResponseJson } from "@/contracts/ticketonomics/ledger/v1/ledger_service_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { usePaymentForm, type First } from "@/pages/pay/form";
import { nameOf, type Someone } from "@/people";
import { app, myAccount } from "@/session";
import { feesOf } from "@/transactions";
import { minorOf } from "@/amounts";

interface Payment {
  person: Someone;
  asset: string;
  amount: bigint;
  memo: string;
}

/** Pays a person at once. */
export function Send({ first }: { first: First }): JSX.Element {
  const form = usePaymentForm(first, t("pay-to"), true);
  const payment = useIntention<Payment, TransferResponseJson>({
    perform: ({ person, asset, amount, memo }, requestId) =>
      // The id of a transfer is its request id.
      post("/v1/transfers", {
        transactionId: requestId, source: myAccount.value, destination: person.account ?? "", asset, amount: amount.toString(), memo,
      } satisfies TransferRequestJson),
    onDone: form.clear,
  });
  const { person } = form.found;
  const fee = form.amount ? transferFee(form.asset, form.amount) : 0n;
  const short = form.amount !== undefined && form.available !== undefined && form.amount + fee > form.available;
  const ready = person !== undefined && form.amount !== undefined && !short && !app.value.maintenance;

  return (
    <Card>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) payment.ask({ person, asset: form.asset, amount: form.amount!, memo: form.memo });
        }}
      >
        {form.fields}
        {fee > 0n && <Facts facts={[[t("pay-fee"), <Amount value={fee} asset={form.asset} />], [t("pay-total"), <Amount value={form.amount! + fee} asset={form.asset} />]]} />}
        {short && fee > 0n && <p class="bad">{t("pay-fee-short", { fee: amountText(fee, form.asset) })}</p>}
        <Button kind="primary" size="wide" type="submit" disabled={!ready}>{t("pay-next")}</Button>
      </form>
      <IntentionSheet
        intention={payment}
        title={t("pay-check")}
        confirm={t("pay-confirm")}
        doneTitle={t("pay-done")}
        preview={(meant) => <Preview payment={meant} available={form.available} />}
        outcome={({ transaction, replayed }, { person: to, asset, amount }) => (
          <>
            <p class="outcome-line">{t("pay-done-to", { amount: amountText(amount, asset), asset, name: nameOf(to, to.personId ?? "") })}</p>
            {replayed && <p class="soft">{t("pay-replayed")}</p>}
            {feesOf(transaction ?? {}).map((posting) => <p key={posting.asset} class="soft">{t("pay-fee-paid", { fee: amountText(posting.amount, posting.asset ?? "") })}</p>)}
            <ButtonLink href={`/receipt/${transaction?.transactionId}`}>{t("pay-receipt")}</ButtonLink>
          </>
        )}
      />
    </Card>
  );
}

function Preview({ payment: { person, asset, amount, memo }, available }: { payment: Payment; available: bigint | undefined }): JSX.Element {
  const fee = transferFee(asset, amount);
  return (
    <>
      <p class="pay-figure"><Amount value={amount} asset={asset} /></p>
      <Facts
        facts={[
          [t("pay-to"), <strong>{nameOf(person, person.personId ?? "")}</strong>],
          person.handle && person.displayName ? [t("pay-name"), person.displayName] : null,
          memo ? [t("pay-memo"), memo] : null,
          fee > 0n && [t("pay-fee"), <Amount value={fee} asset={asset} />],
          available !== undefined && [t("pay-left"), <Amount value={minorOf(available) - amount - fee} asset={asset} />],
        ]}
      />
      <p class="sheet-note">{t("pay-final")}</p>
    </>
  );
}
