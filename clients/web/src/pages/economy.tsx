import "@/economy/economy.css";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get } from "@/api";
import { assets, inOrder } from "@/assets";
import { assetName, Choice, Page, Select, Tabs } from "@/components";
import type { GetActivePeopleResponseJson } from "@/contracts/ticketonomics/statistics/v1/statistics_service_pb";
import { Activity } from "@/economy/activity";
import { dayOf, windowOf } from "@/economy/figures";
import { Flows } from "@/economy/flows";
import { Overview } from "@/economy/overview";
import { Pools } from "@/economy/pools";
import type { Scope } from "@/economy/scope";
import { Wealth } from "@/economy/wealth";
import { t } from "@/i18n";
import { useResource } from "@/resources";
import type { PageProps } from "@/router";

const WINDOWS = ["7", "30", "90", "365"] as const;
const PARTS = ["overview", "flows", "wealth", "activity", "pools"] as const;
/** What an asset, or a window of days, is chosen for. */
const OF_ASSETS: readonly string[] = ["overview", "flows"];
const OF_DAYS: readonly string[] = [...OF_ASSETS, "activity"];

/** How the economy is doing, for everybody: figures that anybody can recompute from the public journal. */
export default function Economy({ params }: PageProps): JSX.Element {
  const part = PARTS.find((name) => name === params["part"]) ?? "overview";
  const [asset, setAsset] = useState("BRONZE");
  const [days, setDays] = useState<(typeof WINDOWS)[number]>("30");
  const people = useResource("active-people", (signal) => get<GetActivePeopleResponseJson>("/v1/statistics/activePeople", {}, { signal }), { everyMs: 30_000 });
  // The ledger's own day, which may be another one than that of this clock.
  const { first, last } = windowOf(Number(days), people.data?.day || dayOf(Date.now()));
  const scope: Scope = { asset, first, last };
  const hrefOf = (name: string): string => (name === "overview" ? "/economy" : `/economy/${name}`);
  return (
    <Page title={t("economy-title")} lead={t("economy-lead")}>
      <Tabs label={t("economy-title")} tabs={PARTS.map((name) => ({ href: hrefOf(name), label: t(`economy-tab-${name}`) }))} current={hrefOf(part)} />
      {OF_DAYS.includes(part) && (
        <div class="scope" role="group" aria-label={t("economy-scope")}>
          {OF_ASSETS.includes(part) && (
            <Select label={t("economy-asset")} value={asset} onChange={setAsset} options={inOrder(new Set(["BRONZE", ...assets.value.keys()])).map((code) => ({ value: code, label: assetName(code) }))} />
          )}
          <Choice label={t("economy-window")} value={days} onChange={setDays} options={WINDOWS.map((value) => ({ value, label: t("economy-days", { count: Number(value) }) }))} />
        </div>
      )}
      {part === "overview" && <Overview people={people} scope={scope} days={days} />}
      {part === "flows" && <Flows {...scope} />}
      {part === "wealth" && <Wealth />}
      {part === "activity" && <Activity first={first} last={last} />}
      {part === "pools" && <Pools />}
      <p class="note">{t("economy-sources")}</p>
    </Page>
  );
}
