import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, path, post } from "@/api";
import { AccountName, Amount, Button, Card, EmptyState, Facts, IntentionSheet, List, Time } from "@/components";
import type { ListSchedulesResponseJson, PauseScheduleResponseJson } from "@/contracts/ticketonomics/payments/v1/payment_service_pb";
import type { RepeatJson, ScheduleJson } from "@/contracts/ticketonomics/payments/v1/schedule_pb";
import { t } from "@/i18n";
import { useIntention } from "@/intentions";
import { NewSchedule } from "@/pages/wallet/new-schedule";
import { Runs } from "@/pages/wallet/runs";
import { usePages } from "@/resources";
import { app, myAccount } from "@/session";
import { accountName } from "@/people";

type Act = "pause" | "resume" | "cancel";

const PAGE = 30;

/** Payments that happen later, once or again and again. */
export function Schedules(): JSX.Element {
  const account = myAccount.value;
  const [making, setMaking] = useState(false);
  const pages = usePages<ScheduleJson>(`schedules ${account}`, async (pageToken, signal) => {
    const page = await get<ListSchedulesResponseJson>("/v1/schedules", { account, pageSize: PAGE, pageToken }, { signal });
    return { items: page.schedules, nextPageToken: page.nextPageToken };
  });
  const act = useIntention<{ act: Act; schedule: ScheduleJson }, PauseScheduleResponseJson>({
    perform: ({ act: wanted, schedule }, requestId) => post(path`/v1/schedules/${schedule.scheduleId ?? ""}` + `:${wanted}`, {}, { requestId }),
  });
  const phase = act.phase.value;
  const kind = phase.name === "idle" ? "pause" : phase.input.act;
  return (
    <div class="stack">
      <Card title={t("wallet-schedules")} actions={<Button size="small" pressed={making} onClick={() => setMaking(!making)}>{t("schedules-new")}</Button>}>
        {making && <NewSchedule onMade={() => setMaking(false)} />}
        <List pages={pages} keyOf={({ scheduleId }) => scheduleId ?? ""} empty={making ? null : <EmptyState title={t("schedules-none")} hint={t("schedules-none-hint")} />}>
          {(schedule) => <Line schedule={schedule} ask={(wanted) => act.ask({ act: wanted, schedule })} />}
        </List>
      </Card>
      <IntentionSheet
        intention={act}
        title={t(`schedule-${kind}-title`)}
        confirm={t(`schedule-${kind}`)}
        danger={kind === "cancel"}
        preview={({ schedule }) => (
          <>
            <Facts facts={(schedule.postings ?? []).map((posting) => [accountName(posting.destination ?? ""), <Amount value={posting.amount} asset={posting.asset ?? ""} />] as const)} />
            <p class="sheet-note">{t(`schedule-${kind}-note`)}</p>
          </>
        )}
        outcome={(_, { act: done }) => <p class="outcome-line">{t(`schedule-${done}-done`)}</p>}
      />
    </div>
  );
}

function Line({ schedule, ask }: { schedule: ScheduleJson; ask: (act: Act) => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const state = schedule.state ?? "STATE_ACTIVE";
  const going = state === "STATE_ACTIVE" || state === "STATE_PAUSED";
  return (
    <div class="entry">
      {(schedule.postings ?? []).map((posting, index) => (
        <div key={index} class="between">
          <strong><AccountName address={posting.destination} /></strong>
          <strong><Amount value={posting.amount} asset={posting.asset ?? ""} /></strong>
        </div>
      ))}
      {schedule.memo && <span class="item-memo">{schedule.memo}</span>}
      <span class="item-note">
        {repeatText(schedule.repeat)} · {t(`schedule-${state.replace("STATE_", "").toLowerCase()}`)}
        {schedule.nextAttemptTime && <> · {t("schedule-next")} <Time at={schedule.nextAttemptTime} full /></>}
      </span>
      <span class="item-note">{t("schedule-counts", { paid: schedule.succeededCount ?? 0, failed: schedule.failedCount ?? 0 })}</span>
      <div class="row">
        {(schedule.runCount ?? 0) > 0 && <Button size="small" kind="quiet" pressed={open} onClick={() => setOpen(!open)}>{t("schedule-runs")}</Button>}
        {going && (
          <>
            <Button size="small" disabled={app.value.maintenance} onClick={() => ask(state === "STATE_PAUSED" ? "resume" : "pause")}>{t(state === "STATE_PAUSED" ? "schedule-resume" : "schedule-pause")}</Button>
            <Button size="small" onClick={() => ask("cancel")}>{t("schedule-cancel")}</Button>
          </>
        )}
      </div>
      {open && <Runs scheduleId={schedule.scheduleId ?? ""} asset={schedule.postings?.[0]?.asset ?? ""} />}
    </div>
  );
}

/** Such as "every 2 weeks". */
export function repeatText(repeat: RepeatJson | undefined): string {
  if (!repeat) return t("repeat-once");
  const every = Math.max(1, repeat.interval ?? 1);
  return t(`repeat-${(repeat.frequency ?? "FREQUENCY_DAILY").replace("FREQUENCY_", "").toLowerCase()}`, { every });
}
