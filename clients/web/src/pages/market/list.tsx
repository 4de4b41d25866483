import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import { Amount, assetName, EmptyState, List, Page } from "@/components";
import { formatInteger, t } from "@/i18n";
import "./market.css";
import { instrumentOf, useDayLine, useLiveTicks, usePools, usePrices } from "./reading";
import { Change, DayLine, Live, Price } from "./showing";
import { depth, isEmpty, isPaused } from "./trading";
import type { PoolJson, PriceJson, TickJson } from "./types";

/** All pools, with their prices as they are traded. */
export function Market(): JSX.Element {
  const pools = usePools();
  const prices = usePrices();
  const everything = useMemo(() => [], []);
  const { ticks, state } = useLiveTicks(everything);
  return (
    <Page title={t("market-title")} lead={t("market-lead")} actions={<Live state={state.value} />}>
      <List
        pages={pools}
        keyOf={(pool) => pool.poolId ?? ""}
        empty={<EmptyState title={t("market-empty")} hint={t("market-empty-hint")} />}
      >
        {(pool) => {
          const instrument = instrumentOf(pool.poolId ?? "");
          return <PoolRow pool={pool} price={prices.data?.get(instrument)} tick={ticks.get(instrument)} />;
        }}
      </List>
    </Page>
  );
}

function PoolRow({ pool, price, tick }: { pool: PoolJson; price: PriceJson | undefined; tick: TickJson | undefined }): JSX.Element {
  const id = pool.poolId ?? "";
  const [base, quote] = [pool.baseAsset ?? "", pool.quoteAsset ?? ""];
  const now = tick?.price ?? price?.last?.price ?? pool.price;
  const line = useDayLine(id);
  const values = line.data ?? [];
  return (
    <Link href={`/market/${encodeURIComponent(id)}`} className="pool-row">
      <span class="pool-name">
        <strong>{assetName(base)}</strong>
        <span class="pool-in">{t("market-in", { asset: assetName(quote) })}</span>
        {isPaused(pool) && <span class="badge">{t("market-paused")}</span>}
        {isEmpty(pool) && <span class="badge">{t("market-pool-empty")}</span>}
      </span>
      <span class="pool-line">{values.length > 0 && <DayLine values={[...values, Number(now)]} />}</span>
      <span class="pool-price">
        <strong><Price value={now} /></strong>
        <Change before={price?.day?.open} now={now} />
      </span>
      <span class="pool-figures">
        <span>{t("market-reserves")} <Amount value={pool.quoteReserve} asset={quote} style={{ compact: true }} /></span>
        <span title={t("market-depth-hint")}>{t("market-depth")} <Amount value={depth(pool, 100)} asset={quote} style={{ compact: true }} /></span>
        <span>{t("market-day-trades", { count: Number(price?.day?.tradeCount ?? 0), shown: formatInteger(Number(price?.day?.tradeCount ?? 0)) })}</span>
      </span>
    </Link>
  );
}
