import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { post } from "@/api";
import { Amount, Button, Facts, Field, IntentionSheet, Select } from "@/components";
import type { CreateScheduleRequestJson, CreateScheduleResponseJson } from "@/contracts/ticketonomics/payments/v1/payment_service_pb";
import type { RepeatJson } from "@/contracts/ticketonomics/payments/v1/schedule_pb";
import { formatDateTime, t } from "@/i18n";
import { useIntention } from "@/intentions";
import { usePaymentForm } from "@/pages/pay/form";
import { repeatText } from "@/pages/wallet/schedules";
import { accountName } from "@/people";
import { app, myAccount } from "@/session";

const FREQUENCIES = ["once", "FREQUENCY_DAILY", "FREQUENCY_WEEKLY", "FREQUENCY_MONTHLY"] as const;
const HOUR_MS = 3_600_000;
const STOP_AFTER_FAILURES = 3;

type Terms = Omit<CreateScheduleRequestJson, "requestId">;

/** Makes a payment that happens later. */
export function NewSchedule({ onMade }: { onMade: () => void }): JSX.Element {
  const form = usePaymentForm({ handle: "", amount: "", asset: "BRONZE", memo: "" }, t("pay-to"), false);
  const [first, setFirst] = useState(() => localInput(new Date(Date.now() + HOUR_MS)));
  const [frequency, setFrequency] = useState<(typeof FREQUENCIES)[number]>("FREQUENCY_MONTHLY");
  const schedule = useIntention<Terms, CreateScheduleResponseJson>({
    perform: (terms, requestId) => post("/v1/schedules", terms, { requestId }),
  });
  const made = schedule.phase.value.name === "done";
  const { person } = form.found;
  const start = new Date(first);
  const late = Number.isNaN(start.getTime()) || start.getTime() <= Date.now();
  const ready = person !== undefined && form.amount !== undefined && !late && !app.value.maintenance;

  function ask(): void {
    if (!ready) return;
    const repeat: RepeatJson | undefined = frequency === "once" ? undefined : { frequency, interval: 1, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    schedule.ask({
      postings: [{ source: myAccount.value, destination: person.account ?? "", asset: form.asset, amount: form.amount!.toString() }],
      memo: form.memo,
      firstTime: start.toISOString(),
      ...(repeat ? { repeat, stopAfterFailures: STOP_AFTER_FAILURES } : {}),
    });
  }

  return (
    <form
      class="stack new-schedule"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      {form.fields}
      <Field label={t("schedule-first")} type="datetime-local" value={first} onInput={setFirst} error={late ? t("schedule-past") : undefined} />
      <Select label={t("schedule-repeat")} value={frequency} onChange={setFrequency} options={FREQUENCIES.map((value) => ({ value, label: value === "once" ? t("repeat-once") : repeatText({ frequency: value, interval: 1 }) }))} />
      <Button kind="primary" type="submit" size="wide" disabled={!ready}>{t("pay-next")}</Button>
      <IntentionSheet
        intention={schedule}
        title={t("schedules-new")}
        confirm={t("schedule-confirm")}
        doneTitle={t("schedule-made")}
        onClose={() => made && onMade()}
        preview={(terms) => <TermsFacts terms={terms} />}
        outcome={(_, terms) => <TermsFacts terms={terms} />}
      />
    </form>
  );
}

function TermsFacts({ terms }: { terms: Terms }): JSX.Element {
  const [posting] = terms.postings ?? [];
  return (
    <Facts
      facts={[
        [t("pay-to"), accountName(posting?.destination ?? "")],
        [t("pay-amount"), <Amount value={posting?.amount} asset={posting?.asset ?? ""} />],
        [t("schedule-first"), formatDateTime(new Date(terms.firstTime ?? ""))],
        [t("schedule-repeat"), repeatText(terms.repeat)],
        terms.memo ? [t("pay-memo"), terms.memo] : null,
        terms.repeat ? [t("schedule-stop"), t("schedule-stop-after", { count: STOP_AFTER_FAILURES })] : null,
      ]}
    />
  );
}

/** What an input of date and time shows: the person's own wall clock. */
function localInput(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
