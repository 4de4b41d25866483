import type { JSX } from "preact";
import { get, path } from "@/api";
import { List, Time } from "@/components";
import type { ListScheduleRunsResponseJson } from "@/contracts/ticketonomics/payments/v1/payment_service_pb";
import type { ScheduleRunJson } from "@/contracts/ticketonomics/payments/v1/schedule_pb";
import { errorText, t } from "@/i18n";
import { ApiError } from "@/problems";
import { usePages } from "@/resources";

const PAGE = 10;

/** What became of a schedule's runs. */
export function Runs({ scheduleId, asset }: { scheduleId: string; asset: string }): JSX.Element {
  const pages = usePages<ScheduleRunJson>(`runs ${scheduleId}`, async (pageToken, signal) => {
    const page = await get<ListScheduleRunsResponseJson>(path`/v1/schedules/${scheduleId}/runs`, { pageSize: PAGE, pageToken }, { signal });
    return { items: page.runs, nextPageToken: page.nextPageToken };
  });
  return (
    <List pages={pages} keyOf={({ run }) => String(run)} empty={null}>
      {(run) => (
        <div class="between runs-line">
          <span>
            {t(`run-${(run.state ?? "STATE_RETRYING").replace("STATE_", "").toLowerCase()}`)}
            {run.refusalReason && <small> · {errorText(new ApiError({ reason: run.refusalReason, metadata: { asset } }))}</small>}
          </span>
          <small><Time at={run.attemptTime} full /></small>
        </div>
      )}
    </List>
  );
}
