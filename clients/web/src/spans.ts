import { language } from "@/i18n";

type Unit = "day" | "hour" | "minute" | "second";

const UNITS: readonly [Unit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** The two greatest units of a time span that lie beside each other: a day and some seconds is a day. */
export function spanParts(seconds: number): { count: number; unit: Unit }[] {
  let left = Math.max(0, Math.floor(seconds));
  const parts: { count: number; unit: Unit }[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(left / length);
    if (count > 0) parts.push({ count, unit });
    else if (parts.length > 0) break;
    left -= count * length;
    if (parts.length === 2) break;
  }
  return parts.length > 0 ? parts : [{ count: 0, unit: "second" }];
}

/** A time span as people read it, such as `2 days 3 hr`. */
export function formatSpan(seconds: number, locale: string = language.value): string {
  return spanParts(seconds)
    .map(({ count, unit }) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" }).format(count))
    .join(" ");
}

/** Seconds of a duration on the wire, such as `3.5s`; undefined for none. */
export function secondsOf(duration: string | undefined): number | undefined {
  const seconds = Number.parseFloat(duration ?? "");
  return Number.isFinite(seconds) ? seconds : undefined;
}
