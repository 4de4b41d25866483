import type { JSX } from "preact";
import { Loaded, SeriesChart } from "@/components";
import type { DailyActivityJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";
import { formatInteger, t } from "@/i18n";
import { useResource } from "@/resources";
import { activePeople, asSteps, chartDays } from "@/economy/figures";
import { readAll } from "@/economy/reading";
import { axisDay, dayText } from "@/economy/scope";
import { Section } from "@/economy/section";

/** How many people took part, day by day. */
export function Activity({ first, last }: { first: string; last: string }): JSX.Element {
  const resource = useResource(
    `activity-${first}-${last}`,
    (signal) => readAll<DailyActivityJson>("/v1/statistics/activity", { startDay: first, endDay: last }, (page) => page["days"], signal),
    { everyMs: 60_000 },
  );
  return (
    <Section
      title={t("economy-activity")}
      lead={t("economy-activity-lead")}
      file={`activity-${first}-${last}`}
      rows={resource.data ?? []}
      columns={[
        { name: t("economy-day"), text: true, value: (row) => dayText(row.day) },
        { name: t("economy-active"), value: (row) => formatInteger(row.activePeople ?? 0) },
      ]}
    >
      <Loaded resource={resource} lines={6}>
        {(rows) => {
          const days = chartDays(rows, first, last);
          const { x, values } = asSteps(days, activePeople(rows, days));
          return (
            <SeriesChart
              key={first}
              label={t("economy-activity-chart", { first: dayText(first), last: dayText(last) })}
              x={x}
              lines={[{ label: t("economy-active"), values, fill: true, stepped: true, colour: "--teal" }]}
              formatX={axisDay}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
