import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { minorOf } from "@/amounts";
import { AccountName, Amount, assetName, ButtonLink, Card, Choice, EmptyState, ErrorLine, ErrorState, Facts, List, Page, Skeleton, Time } from "@/components";
import { enumText, formatInteger, t } from "@/i18n";
import { CandleView } from "./candle_view";
import { INTERVALS, type Interval } from "./candles";
import { LiquidityCard } from "./liquidity";
import "./market.css";
import { usePool, usePoolHistory, usePrice, useTrades } from "./reading";
import { bpsText, Change, Live, Price } from "./showing";
import { SwapCard } from "./swap";
import { direction } from "./ticks";
import { depth, isPaused } from "./trading";
import type { PoolEventJson, PoolJson, TickJson } from "./types";

const DEPTHS = [100, 500, 1_000] as const;
// A busy pool trades many times a second: its reserves are read at most so often.
const RESERVES_MS = 2_000;

/** A pool: its price as it moves, trading, and liquidity. */
export function Pool({ poolId }: { poolId: string }): JSX.Element {
  const pool = usePool(poolId);
  const trades = useTrades(poolId);
  const price = usePrice(poolId);
  const newest = trades.ticks[0];
  const version = `${newest?.sequence ?? ""}/${newest?.index ?? 0}`;
  useFollowing(version, pool.reload);
  const found = pool.data;
  const title = found ? pairOf(found) : poolId;

  if (pool.error && !found)
    return (
      <Page title={title}>
        {pool.error.reason === "POOL_NOT_FOUND" || pool.error.reason === "INVALID_FIELD" ? (
          <EmptyState title={t("market-unknown-pool")} hint={poolId} action={<ButtonLink href="/market" kind="primary">{t("market-all-pools")}</ButtonLink>} />
        ) : (
          <ErrorState error={pool.error} retry={pool.reload} />
        )}
      </Page>
    );
  if (!found) return <Page title={title}><Skeleton lines={8} /></Page>;
  const now = newest?.price ?? price.data?.last?.price ?? found.price;
  return (
    <Page title={title} lead={<Link href="/market">{t("market-all-pools")}</Link>} actions={<Live state={trades.state.value} />}>
      {pool.error && <ErrorLine error={pool.error} retry={pool.reload} />}
      {isPaused(found) && <p class="banner" role="status">{t("market-paused-hint")}</p>}
      <div class="pool-head">
        <strong class="pool-now" aria-live="off"><Price value={now} /></strong>
        <span class="soft">{t("market-per", { quote: assetName(found.quoteAsset ?? ""), base: assetName(found.baseAsset ?? "") })}</span>
        <Change before={price.data?.day?.open} now={now} />
        {price.data?.day && (
          <span class="pool-range soft">
            {t("market-day")} <Price value={price.data.day.low} /> – <Price value={price.data.day.high} />
          </span>
        )}
      </div>
      <div class="pool-grid">
        <div class="pool-main">
          <div class="pool-chart"><Chart poolId={poolId} pair={title} ticks={trades.ticks} /></div>
          <div class="pool-records"><Records pool={found} trades={trades} /></div>
        </div>
        <div class="pool-side">
          <div class="pool-dealing"><Dealing pool={found} version={version} /></div>
          <div class="pool-about"><About pool={found} /></div>
        </div>
      </div>
    </Page>
  );
}

function pairOf(pool: PoolJson): string {
  return `${assetName(pool.baseAsset ?? "")} / ${assetName(pool.quoteAsset ?? "")}`;
}

/** Reads the pool again when it has been traded with, at a bounded rate and without starving. */
function useFollowing(version: string, reload: () => void): void {
  const [due, setDue] = useState(false);
  useEffect(() => setDue(true), [version]);
  useEffect(() => {
    if (!due) return undefined;
    const timer = setTimeout(() => {
      setDue(false);
      reload();
    }, RESERVES_MS);
    return () => clearTimeout(timer);
  }, [due]);
}

function Chart({ poolId, pair, ticks }: { poolId: string; pair: string; ticks: readonly TickJson[] }): JSX.Element {
  const [interval, setInterval] = useState<Interval>("MINUTE");
  return (
    <Card class="chart-card">
      <Choice label={t("market-interval")} value={interval} onChange={setInterval} options={INTERVALS.map((value) => ({ value, label: t(`market-interval-${value.toLowerCase().replace("_", "-")}`) }))} />
      <CandleView key={`${poolId}/${interval}`} poolId={poolId} interval={interval} ticks={ticks} pair={pair} />
    </Card>
  );
}

function Dealing({ pool, version }: { pool: PoolJson; version: string }): JSX.Element {
  const [part, setPart] = useState<"swap" | "liquidity">("swap");
  return (
    <>
      <Choice
        label={t("market-dealing")}
        value={part}
        onChange={setPart}
        options={[
          { value: "swap", label: t("market-swap") },
          { value: "liquidity", label: t("market-liquidity") },
        ]}
      />
      {part === "swap" ? <SwapCard pool={pool} version={version} /> : <LiquidityCard pool={pool} />}
    </>
  );
}

function Records({ pool, trades }: { pool: PoolJson; trades: ReturnType<typeof useTrades> }): JSX.Element {
  const [part, setPart] = useState<"trades" | "history">("trades");
  return (
    <Card>
      <Choice
        label={t("market-records")}
        value={part}
        onChange={setPart}
        options={[
          { value: "trades", label: t("market-trades") },
          { value: "history", label: t("market-history") },
        ]}
      />
      {part === "trades" ? <Trades pool={pool} trades={trades} /> : <History pool={pool} />}
    </Card>
  );
}

const SHOWN_TRADES = 20;

function Trades({ pool, trades }: { pool: PoolJson; trades: ReturnType<typeof useTrades> }): JSX.Element {
  const { ticks, known, error } = trades;
  if (ticks.length === 0) {
    if (error) return <ErrorLine error={error} />;
    return known ? <EmptyState title={t("market-no-trades")} /> : <Skeleton lines={6} />;
  }
  return (
    <table class="trades">
      <thead>
        <tr>
          <th scope="col">{t("market-candle-price")}</th>
          <th scope="col">{t("market-size", { asset: assetName(pool.baseAsset ?? "") })}</th>
          <th scope="col">{t("market-candle-time")}</th>
        </tr>
      </thead>
      <tbody>
        {ticks.slice(0, SHOWN_TRADES).map((tick, at) => (
          <tr key={`${tick.sequence}/${tick.index ?? 0}`}>
            <td class={`change-${direction(ticks, at)}`}><Price value={tick.price} /></td>
            <td><Amount value={tick.size} asset={pool.baseAsset ?? ""} bare /></td>
            <td><Time at={tick.tradeTime} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function History({ pool }: { pool: PoolJson }): JSX.Element {
  const history = usePoolHistory(pool.poolId ?? "");
  return (
    <List pages={history} keyOf={(event) => event.transactionId ?? ""} empty={<EmptyState title={t("market-no-trades")} />}>
      {(event) => <PoolEvent pool={pool} event={event} />}
    </List>
  );
}

function PoolEvent({ pool, event }: { pool: PoolJson; event: PoolEventJson }): JSX.Element {
  return (
    <div class="pool-event">
      <span>
        <strong>{enumText(`market-${event.kind}`)}</strong> <AccountName address={event.account} />
      </span>
      <span class="pool-event-amounts">
        <Amount value={event.baseAmount} asset={pool.baseAsset ?? ""} /> · <Amount value={event.quoteAmount} asset={pool.quoteAsset ?? ""} />
      </span>
      <Link href={`/explorer/transactions/${event.transactionId ?? ""}`} className="soft"><Time at={event.commitTime} /></Link>
    </div>
  );
}

function About({ pool }: { pool: PoolJson }): JSX.Element {
  const quote = pool.quoteAsset ?? "";
  return (
    <Card title={t("market-about")}>
      <Facts
        facts={[
          [t("market-reserve-of", { asset: assetName(pool.baseAsset ?? "") }), <Amount value={pool.baseReserve} asset={pool.baseAsset ?? ""} />],
          [t("market-reserve-of", { asset: assetName(quote) }), <Amount value={pool.quoteReserve} asset={quote} />],
          ...DEPTHS.map((bps) => [t("market-depth-of", { percent: bpsText(bps) }), <Amount value={depth(pool, bps)} asset={quote} />] as const),
          [t("market-fee-of-pool"), `${bpsText(pool.feeBps ?? 0)} · ${t("market-fee-part", { percent: bpsText(pool.sinkBps ?? 0) })}`],
          [t("market-share-supply"), formatInteger(minorOf(pool.shareSupply))],
          [t("market-since"), <Time at={pool.createTime} full />],
        ]}
      />
      <p class="fine">{t("market-about-hint")}</p>
    </Card>
  );
}
