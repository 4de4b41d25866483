import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { amountText, decimalsOf } from "@/assets";
import { EmptyState, Loaded, SeriesChart } from "@/components";
import type { DailySupplyJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";
import { t } from "@/i18n";
import { useResource } from "@/resources";
import { asSteps, chartDays, chartValue, circulating } from "@/economy/figures";
import { axisDay, compact, dayText, type Scope } from "@/economy/scope";
import { readAll } from "@/economy/reading";
import { Section } from "@/economy/section";

/** How much there is of an asset, day by day. */
export function Supply({ asset, first, last }: Scope): JSX.Element {
  // From the beginning: what was there before the window is known from the row before it.
  const resource = useResource(
    `daily-supplies-${asset}`,
    (signal) => readAll<DailySupplyJson>("/v1/statistics/supplies", { asset }, (page) => page["supplies"], signal),
    { everyMs: 60_000 },
  );
  const rows = resource.data ?? [];
  return (
    <Section
      title={t("economy-supply")}
      lead={t("economy-supply-lead", { asset })}
      file={`supply-${asset}`}
      rows={rows}
      columns={[
        { name: t("economy-day"), text: true, value: (row) => dayText(row.day) },
        { name: t("economy-circulating"), value: (row) => amountText(row.circulating, asset) },
        { name: t("economy-minted"), value: (row) => amountText(row.minted, asset) },
        { name: t("economy-burned"), value: (row) => amountText(row.burned, asset) },
      ]}
    >
      <Loaded resource={resource} lines={6}>
        {(found) => (found.length ? <Chart rows={found} asset={asset} first={first} last={last} /> : <EmptyState title={t("economy-nothing")} hint={t("economy-nothing-hint")} />)}
      </Loaded>
    </Section>
  );
}

function Chart({ rows, asset, first, last }: Scope & { rows: readonly DailySupplyJson[] }): JSX.Element {
  const drawn = useMemo(() => {
    const days = chartDays(rows, first, last);
    return asSteps(days, circulating(rows, days).map((value) => chartValue(value, decimalsOf(asset))));
  }, [rows, asset, first, last]);
  const now = rows.at(-1)?.circulating;
  return (
    <>
      <p class="figure">{amountText(now, asset)} <small>{t("economy-circulating-now", { asset })}</small></p>
      <SeriesChart
        key={`${asset}-${first}`}
        label={t("economy-supply-chart", { asset, first: dayText(first), last: dayText(last), now: amountText(now, asset) })}
        x={drawn.x}
        lines={[{ label: t("economy-circulating"), values: drawn.values, fill: true, stepped: true }]}
        format={compact}
        formatX={axisDay}
      />
    </>
  );
}
