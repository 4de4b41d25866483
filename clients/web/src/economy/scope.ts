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

/** A day of UTC as people read it, whatever their own time is. */
export function dayText(day: string | undefined): string {
  return day ? formatDate(new Date(`${day}T12:00:00`)) : "";
}
