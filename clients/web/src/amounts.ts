import { language } from "@/i18n";

/** Minor units: as contracts have them on the wire, or as a big integer. Never a float. */
export type Minor = bigint | string | number | undefined;

export interface AmountStyle {
  /** `5k`, `1.2m`: where there is little room. Rounded towards zero, so that nobody reads more than there is. */
  compact?: boolean;
  /** With `+` before what is greater than zero. */
  signed?: boolean;
  /** Without zeros at the end of the fraction. */
  trimmed?: boolean;
}

export type Parsed =
  | { minor: bigint }
  | { refused: "empty" | "unreadable" | "decimals" | "negative" | "zero" | "large" };

const MOST = 9_223_372_036_854_775_807n;
const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["", 0], ["k", 3], ["к", 3], ["тыс", 3], ["тыс.", 3], ["m", 6], ["м", 6], ["млн", 6], ["b", 9], ["млрд", 9],
]);
const COMPACT: readonly [number, string][] = [[12, "t"], [9, "b"], [6, "m"], [3, "k"]];

/** The big integer of what is on the wire; absent means 0, as proto3 JSON leaves zeros out. */
export function minorOf(value: Minor): bigint {
  return value === undefined || value === "" ? 0n : BigInt(value);
}

/** An amount as people read it: 123450 of 2 decimals is `1,234.50`. */
export function formatAmount(value: Minor, decimals: number, style: AmountStyle = {}, locale: string = language.value): string {
  const minor = minorOf(value);
  const sign = minor < 0n ? "−" : style.signed && minor > 0n ? "+" : "";
  const size = minor < 0n ? -minor : minor;
  return sign + (style.compact ? compact(size, decimals, locale) : plain(size, decimals, style, locale));
}

function plain(size: bigint, decimals: number, style: AmountStyle, locale: string): string {
  const unit = 10n ** BigInt(decimals);
  const whole = new Intl.NumberFormat(locale, { useGrouping: true }).format(size / unit);
  let fraction = decimals ? (size % unit).toString().padStart(decimals, "0") : "";
  if (style.trimmed) fraction = fraction.replace(/0+$/, "");
  return fraction ? whole + separators(locale).decimal + fraction : whole;
}

function compact(size: bigint, decimals: number, locale: string): string {
  const unit = 10n ** BigInt(decimals);
  for (const [digits, suffix] of COMPACT) {
    const step = 10n ** BigInt(digits) * unit;
    if (size < step) continue;
    // Three digits that count: 1.23m, 12.3m, 123m.
    const whole = size / step;
    const kept = whole >= 100n ? 0 : whole >= 10n ? 1 : 2;
    const scaled = (size * 10n ** BigInt(kept)) / step;
    return plain(scaled, kept, { trimmed: true }, locale) + suffix;
  }
  return plain(size, decimals, { trimmed: true }, locale);
}

/** An amount as somebody types it: `1,234.5`, `1 234,50` in Russian, `5k`, `1.2m`, `0.5`. */
export function parseAmount(typed: string, decimals: number, locale: string = language.value): Parsed {
  const cleaned = typed.trim().toLowerCase().replace(/[\s\u00a0\u202f_']/g, "").replace("−", "-");
  if (!cleaned) return { refused: "empty" };
  if (cleaned.startsWith("-")) return { refused: "negative" };
  const match = /^([\d.,]+)([a-zа-я.]*)$/.exec(cleaned);
  const power = match ? SUFFIXES.get(match[2]!) : undefined;
  const number = match && power !== undefined ? numberOf(match[1]!, locale) : undefined;
  if (!number || power === undefined) return { refused: "unreadable" };
  const [whole, fraction] = number;
  const places = fraction.replace(/0+$/, "");
  if (places.length > decimals + power) return { refused: "decimals" };
  if (whole.length > 24) return { refused: "large" };
  const minor = BigInt(whole + places.padEnd(decimals + power, "0"));
  if (minor === 0n) return { refused: "zero" };
  return minor > MOST ? { refused: "large" } : { minor };
}

/** Whole and fraction of a number without spaces. What could be read in two ways is refused, not guessed. */
function numberOf(text: string, locale: string): [string, string] | undefined {
  const { decimal } = separators(locale);
  const grouped = decimal === "." ? /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?$/ : /^(\d{1,3}(?:\.\d{3}){2,}|\d+)(?:[.,](\d*))?$/;
  const match = grouped.exec(text) ?? (text.startsWith(".") ? grouped.exec(`0${text}`) : null);
  if (!match) return undefined;
  return [match[1]!.replace(/[.,]/g, ""), match[2] ?? ""];
}

/** What an input shows of an amount: no groups, so that it can be typed on. */
export function editableAmount(value: Minor, decimals: number, locale: string = language.value): string {
  const minor = minorOf(value);
  const unit = 10n ** BigInt(decimals);
  const fraction = decimals ? (minor % unit).toString().padStart(decimals, "0").replace(/0+$/, "") : "";
  return (minor / unit).toString() + (fraction ? separators(locale).decimal + fraction : "");
}

function separators(locale: string): { decimal: string } {
  const part = new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === "decimal");
  return { decimal: part?.value ?? "." };
}
