/** The candle chart itself: lightweight-charts behind the few things that the page asks of it. */
import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { token } from "@/theme";
import { type Bar, priceDigits } from "./candles";

export interface ChartTexts {
  /** The time under the cursor. */
  time: (seconds: number) => string;
  /** A mark on the axis of time: a day, or a time of the day. */
  mark: (seconds: number, isDay: boolean) => string;
  /** A price on its axis. */
  price: (price: number, digits: number) => string;
}

// So many candles before the oldest one in sight, older ones are asked for.
const AHEAD = 30;
// Marks of the axis that are days or longer: see `TickMarkType` of the library.
const DAY_MARK = 2;

export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volumes: ISeriesApi<"Histogram">;
  readonly #texts: ChartTexts;
  #muted = "";
  #bars: readonly Bar[] = [];
  #digits = 2;

  constructor(container: HTMLElement, texts: ChartTexts, needOlder: () => void) {
    this.#texts = texts;
    this.#chart = createChart(container, {
      autoSize: true,
      layout: { background: { color: "transparent" }, attributionLogo: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.22 } },
      timeScale: { borderVisible: false, timeVisible: true, rightOffset: 6, minBarSpacing: 2 },
      // A finger that moves up or down scrolls the page, not the prices.
      handleScroll: { vertTouchDrag: false },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.#volumes = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < AHEAD && this.#bars.length > 0) needOlder();
    });
    this.paint();
  }

  /** Takes the colours of the page, again when they change. */
  paint(): void {
    const [up, down, line] = [token("--up"), token("--down"), token("--line")];
    this.#muted = line;
    this.#chart.applyOptions({
      layout: { textColor: token("--ink-soft"), fontFamily: token("--font") },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
    });
    this.#candles.applyOptions({
      upColor: up,
      downColor: down,
      wickUpColor: up,
      wickDownColor: down,
    });
    if (this.#bars.length > 0) this.#draw(this.#bars);
  }

  /** Shows these candles; what only grew at its end is drawn without touching the rest. */
  show(bars: readonly Bar[], withSeconds: boolean): void {
    const before = this.#bars;
    this.#bars = bars;
    this.#format(bars, withSeconds);
    const fresh = grownBy(before, bars);
    if (fresh === undefined) this.#draw(bars);
    else
      for (const bar of fresh) {
        this.#candles.update(candle(bar));
        this.#volumes.update(volume(bar, this.#muted));
      }
  }

  remove(): void {
    this.#chart.remove();
  }

  #draw(bars: readonly Bar[]): void {
    this.#candles.setData(bars.map(candle));
    this.#volumes.setData(bars.map((bar) => volume(bar, this.#muted)));
  }

  #format(bars: readonly Bar[], withSeconds: boolean): void {
    const digits = priceDigits(bars.at(-1)?.close ?? 0);
    if (digits !== this.#digits || bars.length === 0) {
      this.#digits = digits;
      this.#candles.applyOptions({
        priceFormat: {
          type: "custom",
          minMove: 10 ** -digits,
          formatter: (price: number) => this.#texts.price(price, digits),
        },
      });
    }
    this.#chart.applyOptions({
      timeScale: {
        secondsVisible: withSeconds,
        tickMarkFormatter: (time: Time, kind: number) =>
          this.#texts.mark(time as number, kind <= DAY_MARK),
      },
      localization: { timeFormatter: (time: Time) => this.#texts.time(time as number) },
    });
  }
}

/**
 * What has to be drawn when candles became others: those from the last known one on, or undefined when
 * anything before it is different, too.
 */
export function grownBy(before: readonly Bar[], now: readonly Bar[]): readonly Bar[] | undefined {
  const last = before.length - 1;
  if (last < 0 || now.length < before.length) return undefined;
  for (let at = 0; at < last; at += 1) if (before[at] !== now[at]) return undefined;
  if (before[last]!.time !== now[last]!.time) return undefined;
  return before[last] === now[last] ? now.slice(before.length) : now.slice(last);
}

function candle({ time, open, high, low, close }: Bar) {
  return { time: time as UTCTimestamp, open, high, low, close };
}

function volume({ time, volume: value }: Bar, color: string) {
  return { time: time as UTCTimestamp, value, color };
}
