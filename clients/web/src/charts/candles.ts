import { CandlestickSeries, ColorType, createChart, HistogramSeries, type CandlestickData, type HistogramData, type UTCTimestamp } from "lightweight-charts";
import type { Candle, CandleOptions, Drawn } from "@/charts/shapes";
import { language } from "@/i18n";
import { token } from "@/theme";

export function drawCandles(place: HTMLElement, first: readonly Candle[], { decimals = 4 }: CandleOptions): Drawn<readonly Candle[]> {
  const [up, down] = [token("--up"), token("--down")];
  const chart = createChart(place, {
    autoSize: true,
    layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: token("--ink-soft"), fontFamily: token("--font"), attributionLogo: false },
    grid: { vertLines: { visible: false }, horzLines: { color: token("--line") } },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false },
    localization: { locale: language.value },
    handleScroll: { vertTouchDrag: false },
  });
  const price = chart.addSeries(CandlestickSeries, {
    upColor: up, downColor: down, borderVisible: false, wickUpColor: up, wickDownColor: down,
    priceFormat: { type: "price", precision: decimals, minMove: 1 / 10 ** decimals },
  });
  const volume = chart.addSeries(HistogramSeries, { priceScaleId: "", priceFormat: { type: "volume" }, color: token("--line"), lastValueVisible: false, priceLineVisible: false });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });

  let shown: readonly Candle[] = [];
  function update(candles: readonly Candle[]): void {
    // A tick changes the last candle or adds one: only that is drawn then.
    const begun = shown.length > 0 && candles.length >= shown.length && candles.length - shown.length <= 1 && candles[0]?.time === shown[0]?.time;
    if (begun) {
      for (const candle of candles.slice(shown.length - 1)) {
        price.update(priceOf(candle));
        volume.update(volumeOf(candle));
      }
    } else {
      price.setData(candles.map(priceOf));
      volume.setData(candles.map(volumeOf));
      chart.timeScale().fitContent();
    }
    shown = candles;
  }
  update(first);
  return { update, remove: () => chart.remove() };
}

function priceOf({ time, open, high, low, close }: Candle): CandlestickData<UTCTimestamp> {
  return { time: time as UTCTimestamp, open, high, low, close };
}

function volumeOf({ time, volume = 0 }: Candle): HistogramData<UTCTimestamp> {
  return { time: time as UTCTimestamp, value: volume };
}
