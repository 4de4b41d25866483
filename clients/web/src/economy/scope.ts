import { formatDate, language } from "@/i18n";

/** What the figures are about: an asset, and the days from one to another. */
export interface Scope {
  asset: string;
  first: string;
  last: string;
}

/** A number on an axis, such as `12k`. */
export function compact(value: number): string {
  return new Intl.NumberFormat(language.value, { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

/** A day on an axis; nothing between two of them, which would be the same day again. */
export function axisDay(seconds: number): string {
  if (seconds % 86_400) return "";
  return new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(seconds * 1000));
}

/** A day of UTC as people read it, whatever their own time is. */
export function dayText(day: string | undefined): string {
  return day ? formatDate(new Date(`${day}T12:00:00`)) : "";
}
