import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { amountText, decimalsOf } from "@/assets";
import { EmptyState, Loaded, Meter, SeriesChart } from "@/components";
import type { DailyFlowJson } from "@/contracts/ticketonomics/statistics/v1/statistics_pb";
import { enumText, formatInteger, t } from "@/i18n";
import { useResource } from "@/resources";
import { byCause, byDay, asSteps, chartDays, chartValue, type Sum } from "@/economy/figures";
import { readAll } from "@/economy/reading";
import { axisDay, compact, dayText, type Scope } from "@/economy/scope";
import { Section } from "@/economy/section";

/** Where an asset comes from and goes to. */
export function Flows({ asset, first, last }: Scope): JSX.Element {
  const resource = useResource(
    `daily-flows-${asset}-${first}-${last}`,
    (signal) => readAll<DailyFlowJson>("/v1/statistics/flows", { asset, startDay: first, endDay: last }, (page) => page["flows"], signal),
    { everyMs: 60_000 },
  );
  return (
    <Section
      title={t("economy-flows")}
      lead={t("economy-flows-lead", { asset })}
      file={`flows-${asset}-${first}-${last}`}
      rows={resource.data ?? []}
      columns={[
        { name: t("economy-day"), text: true, value: (row) => dayText(row.day) },
        { name: t("economy-cause"), text: true, value: (row) => causeText(`${row.kind ?? ""} ${row.party ?? ""}`) },
        { name: t("economy-minted"), value: (row) => amountText(row.minted, asset) },
        { name: t("economy-burned"), value: (row) => amountText(row.burned, asset) },
        { name: t("economy-moved"), value: (row) => amountText(row.moved, asset) },
        { name: t("economy-transactions"), value: (row) => formatInteger(BigInt(row.transactionCount ?? "0")) },
      ]}
    >
      <Loaded resource={resource} lines={8}>
        {(flows) => (flows.length ? <Drawn flows={flows} asset={asset} first={first} last={last} /> : <EmptyState title={t("economy-nothing")} hint={t("economy-nothing-hint")} />)}
      </Loaded>
    </Section>
  );
}

function causeText(cause: string): string {
  const [kind = "", party = ""] = cause.trim().split(" ");
  if (!party) return enumText(kind);
  return t("economy-cause-of", { cause: enumText(kind), party: party === "users" ? t("economy-party-users") : party });
}

function Drawn({ flows, asset, first, last }: Scope & { flows: readonly DailyFlowJson[] }): JSX.Element {
  const [minted, burned] = useMemo(() => {
    const days = chartDays(flows, first, last);
    const daily = byDay(flows, days);
    const drawn = (of: (sum: Sum) => bigint) => asSteps(days, daily.map((sum) => chartValue(of(sum), decimalsOf(asset))));
    return [drawn((sum) => sum.minted), drawn((sum) => sum.burned)] as const;
  }, [flows, asset, first, last]);
  const causes = byCause(flows);
  return (
    <>
      <SeriesChart
        key={`${asset}-${first}`}
        label={t("economy-flows-chart", { asset, first: dayText(first), last: dayText(last) })}
        x={minted.x}
        lines={[
          { label: t("economy-minted"), values: minted.values, stepped: true, fill: true, colour: "--up" },
          { label: t("economy-burned"), values: burned.values, stepped: true, colour: "--down" },
        ]}
        format={compact}
        formatX={axisDay}
      />
      <div class="columns">
        <Causes title={t("economy-faucets")} sums={causes} asset={asset} of={(sum) => sum.minted} />
        <Causes title={t("economy-sinks")} sums={causes} asset={asset} of={(sum) => sum.burned} />
      </div>
    </>
  );
}

/** What each cause made or took, the greatest first. */
function Causes({ title, sums, asset, of }: { title: string; sums: readonly Sum[]; asset: string; of: (sum: Sum) => bigint }): JSX.Element {
  const there = sums.filter((sum) => of(sum) > 0n).sort((a, b) => Number(of(b) - of(a)));
  const all = there.reduce((total, sum) => total + of(sum), 0n);
  return (
    <div>
      <h3>{title} <span class="total">{amountText(all, asset)}</span></h3>
      {!there.length && <p class="note">{t("economy-nothing")}</p>}
      <ul class="causes">
        {there.map((sum) => {
          const name = causeText(sum.key);
          return (
            <li key={sum.key}>
              <span class="cause-name">{name}</span>
              <span class="cause-much">{amountText(of(sum), asset)}</span>
              <Meter value={Number((of(sum) * 10_000n) / all)} most={10_000} label={name} text={amountText(of(sum), asset)} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
