import type { JSX } from "preact";
import { get } from "@/api";
import { EmptyState, Loaded, SeriesChart } from "@/components";
import type { GetWealthDistributionResponseJson } from "@/contracts/ticketonomics/statistics/v1/statistics_service_pb";
import { formatInteger, formatPercent, language, t } from "@/i18n";
import { useResource } from "@/resources";
import { shareOf } from "@/economy/figures";
import { Section } from "@/economy/section";

/** How wealth is spread among people. */
export function Wealth(): JSX.Element {
  const resource = useResource("wealth", (signal) => get<GetWealthDistributionResponseJson>("/v1/statistics/wealth", {}, { signal }), { everyMs: 60_000 });
  return (
    <Section
      title={t("economy-wealth")}
      lead={t("economy-wealth-lead")}
      file="wealth-lorenz"
      rows={resource.data?.lorenzPoints ?? []}
      columns={[
        { name: t("economy-people-share"), value: (row) => formatPercent(shareOf(row.peoplePpm)) },
        { name: t("economy-wealth-share"), value: (row) => formatPercent(shareOf(row.wealthPpm)) },
      ]}
    >
      <Loaded resource={resource} lines={8}>
        {(found) => (found.holderCount && found.holderCount !== "0" ? <Spread found={found} /> : <EmptyState title={t("economy-nobody")} hint={t("economy-nothing-hint")} />)}
      </Loaded>
    </Section>
  );
}

/** Gini coefficients are told to three places. */
function giniText(ppm: number | undefined): string {
  return new Intl.NumberFormat(language.value, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(shareOf(ppm));
}

function Spread({ found }: { found: GetWealthDistributionResponseJson }): JSX.Element {
  const points = found.lorenzPoints ?? [];
  const people = points.map(({ peoplePpm }) => shareOf(peoplePpm) * 100);
  const wealth = points.map(({ wealthPpm }) => shareOf(wealthPpm) * 100);
  const gini = giniText(found.giniPpm);
  const percent = (value: number): string => `${formatInteger(value)} %`;
  return (
    <>
      <dl class="tiles">
        <div><dt>{t("economy-gini")}</dt><dd>{gini}</dd></div>
        <div><dt>{t("economy-holders")}</dt><dd>{formatInteger(BigInt(found.holderCount ?? "0"))}</dd></div>
        <div><dt>{t("economy-total")}</dt><dd>{wealthText(found.totalWealth)}</dd></div>
        {(found.topShares ?? []).map((top) => (
          <div key={top.peopleBps}>
            <dt>{t("economy-top", { share: formatPercent((top.peopleBps ?? 0) / 10_000), count: Number(top.peopleCount ?? "0") })}</dt>
            <dd>{formatPercent(shareOf(top.wealthPpm))}</dd>
          </div>
        ))}
      </dl>
      <SeriesChart
        label={t("economy-lorenz-chart", { gini })}
        x={people}
        lines={[
          { label: t("economy-wealth-share"), values: wealth, fill: true },
          { label: t("economy-equal"), values: people, dashed: true, colour: "--ink-soft" },
        ]}
        plain
        height={280}
        format={percent}
        formatX={percent}
      />
    </>
  );
}

/** A decimal number of Bronze equivalents, without the places that nobody reads. */
function wealthText(decimal: string | undefined): string {
  return formatInteger(BigInt((decimal ?? "0").split(".")[0] || "0"));
}
