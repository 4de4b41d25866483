import type { JSX } from "preact";
import { Loaded, SeriesChart } from "@/components";
import type { DailyActivityJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";
import { formatInteger, t } from "@/i18n";
import { useResource } from "@/resources";
import { activePeople, chartTime, daysBetween } from "@/economy/figures";
import { readAll } from "@/economy/reading";
import { dayText } from "@/economy/scope";
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
          const days = daysBetween(first, last);
          return (
            <SeriesChart
              key={first}
              label={t("economy-activity-chart", { first: dayText(first), last: dayText(last) })}
              x={days.map(chartTime)}
              lines={[{ label: t("economy-active"), values: activePeople(rows, days), fill: true, stepped: true, colour: "--teal" }]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
