/** Small pieces that several pages of the market show. */
import type { JSX } from "preact";
import { formatPercent, language, t } from "@/i18n";
import { sparkline } from "./sparkline";
import { changeBps } from "./trading";

/** A price as people read it: six digits that count. The exact text is in the title. */
export function Price({ value }: { value: string | undefined }): JSX.Element {
  return <span class="mono" title={value}>{priceText(value)}</span>;
}

export function priceText(value: string | number | undefined): string {
  if (value === undefined || value === "") return "—";
  return new Intl.NumberFormat(language.value, { maximumSignificantDigits: 6 }).format(Number(value));
}

/** Basis points as a percentage. */
export function bpsText(bps: number): string {
  return formatPercent(bps / 10_000);
}

/** How a price changed: by colour, by an arrow, and in words for those who see neither. */
export function Change({ before, now }: { before: string | undefined; now: string | undefined }): JSX.Element {
  const bps = changeBps(before, now);
  if (bps === undefined) return <span class="change">—</span>;
  const way = bps > 0 ? "up" : bps < 0 ? "down" : "same";
  return (
    <span class={`change change-${way}`}>
      <span class="visually-hidden">{t(`market-change-${way}`, { percent: bpsText(Math.abs(bps)) })}</span>
      <span aria-hidden="true">{bps > 0 ? "▲" : bps < 0 ? "▼" : "•"} {bpsText(Math.abs(bps))}</span>
    </span>
  );
}

const WIDTH = 96;
const HEIGHT = 28;

/** A small line of the last day; what it shows is told beside it in words, so it is left out for ears. */
export function DayLine({ values }: { values: readonly number[] }): JSX.Element {
  const way = (values.at(-1) ?? 0) >= (values[0] ?? 0) ? "up" : "down";
  return (
    <svg class={`day-line change-${way}`} viewBox={`-1 -2 ${WIDTH + 2} ${HEIGHT + 4}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={sparkline(values, WIDTH, HEIGHT)} />
    </svg>
  );
}

/** Whether what is shown arrives by itself. */
export function Live({ state }: { state: string }): JSX.Element {
  const live = state === "live";
  return <span class={`live ${live ? "live-on" : ""}`}>{t(live ? "market-live" : "market-not-live")}</span>;
}
