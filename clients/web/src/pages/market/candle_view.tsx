import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Skeleton } from "@/components";
import { formatClock, formatDate, formatInteger, formatPreciseTime, language, t } from "@/i18n";
import { themeChanges } from "@/theme";
import type { CandleChart, ChartTexts } from "./candle_chart";
import { SECONDS, type Bar, type Interval } from "./candles";
import { useCandles } from "./reading";
import { priceText } from "./showing";
import type { TickJson } from "./types";

// So many candles are told in words: the rest is for eyes.
const TOLD = 12;

const texts: ChartTexts = {
  time: (seconds) => formatPreciseTime(new Date(seconds * 1000)),
  mark: (seconds, isDay) => (isDay ? formatDate : formatClock)(new Date(seconds * 1000)),
  price: (price, digits) =>
    new Intl.NumberFormat(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(price),
};

/** The chart of a pool in one interval. Another interval is another chart: give it a key. */
export function CandleView({ poolId, interval, ticks, pair }: { poolId: string; interval: Interval; ticks: readonly TickJson[]; pair: string }): JSX.Element {
  const { bars, known, state, older } = useCandles(poolId, interval, ticks);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart>();
  const latest = useRef({ bars, older });
  latest.current = { bars, older };
  const [missing, setMissing] = useState(false);
  const withSeconds = SECONDS[interval] < 60;
  const theme = themeChanges.value;

  useEffect(() => {
    let gone = false;
    // The library is large: it is only loaded where a chart is looked at.
    import("./candle_chart").then(
      (module) => {
        if (gone || !place.current) return;
        chart.current = new module.CandleChart(place.current, texts, () => latest.current.older());
        chart.current.show(latest.current.bars, withSeconds);
      },
      () => !gone && setMissing(true),
    );
    return () => {
      gone = true;
      chart.current?.remove();
      chart.current = undefined;
    };
  }, [language.value]);

  useEffect(() => chart.current?.show(bars, withSeconds), [bars]);
  useEffect(() => chart.current?.paint(), [theme]);

  return (
    <div class="candles">
      <div class="candles-frame">
        <div class="candles-place" ref={place} role="img" aria-label={summary(bars, pair)} />
        {!known && state.value !== "failed" && <div class="candles-over"><Skeleton lines={4} /></div>}
        {state.value === "failed" && <p class="candles-over soft">{t("market-chart-refused")}</p>}
        {missing && <p class="candles-over soft">{t("chart-failed")}</p>}
        {known && bars.length === 0 && <p class="candles-over soft">{t("market-no-trades")}</p>}
      </div>
      {bars.length > 0 && (
        <details class="candles-table">
          <summary>{t("market-candles-table")}</summary>
          <CandleTable bars={bars.slice(-TOLD).reverse()} />
        </details>
      )}
      <p class="fine">
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">{t("market-chart-by")}</a>
      </p>
    </div>
  );
}

function summary(bars: readonly Bar[], pair: string): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return t("market-chart-none", { pair });
  return t("market-chart-summary", {
    pair,
    count: bars.length,
    since: formatPreciseTime(new Date(first.time * 1000)),
    open: priceText(first.open),
    close: priceText(last.close),
    low: priceText(Math.min(...bars.map((bar) => bar.low))),
    high: priceText(Math.max(...bars.map((bar) => bar.high))),
  });
}

/** Without the year: these are the newest. */
function shortTime(seconds: number): string {
  const style = { day: "numeric", month: "short", hour: "numeric", minute: "2-digit", second: "2-digit" } as const;
  return new Intl.DateTimeFormat(language.value, style).format(new Date(seconds * 1000));
}

function CandleTable({ bars }: { bars: readonly Bar[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("market-candles-table")}>
      <table>
        <thead>
          <tr>
            {["time", "open", "high", "low", "close", "trades"].map((name) => <th key={name} scope="col">{t(`market-candle-${name}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.time}>
              <th scope="row">{shortTime(bar.time)}</th>
              {[bar.open, bar.high, bar.low, bar.close].map((price, at) => <td key={at}>{priceText(price)}</td>)}
              <td>{formatInteger(bar.trades)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
