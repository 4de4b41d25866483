import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { computed, signal } from "@preact/signals";
import type { ApiError } from "@/problems";

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Args = Record<string, FluentVariable>;

const STORED = "ticketonomics.language";

const loaders: Record<Language, () => Promise<{ default: string }>> = {
  en: () => import("virtual:locale/en"),
  ru: () => import("virtual:locale/ru"),
};

export const language = signal<Language>("en");
const bundle = signal<FluentBundle | undefined>(undefined);

/** Loads a language's texts and shows the page in it. `remember` keeps the choice in this browser. */
export async function loadLanguage(wanted: Language, remember = false): Promise<void> {
  const texts = await loaders[wanted]();
  bundle.value = bundleOf(wanted, texts.default);
  language.value = wanted;
  document.documentElement.lang = wanted;
  if (remember) localStorage.setItem(STORED, wanted);
}

export function bundleOf(locale: Language, texts: string): FluentBundle {
  // Isolating marks are for mixed directions; both languages are written from left to right.
  const made = new FluentBundle(locale, { useIsolating: false });
  made.addResource(new FluentResource(texts), { allowOverrides: false });
  return made;
}

/** The language that was chosen here, or else the first that the browser or Telegram names. */
export function preferredLanguage(named: readonly string[] = navigator.languages): Language {
  const stored = localStorage.getItem(STORED);
  const wanted = [...(stored ? [stored] : []), ...named].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.map(languageOf).find((found) => found !== undefined) ?? "en";
}

/** Whether somebody chose a language in this browser. */
export function languageWasChosen(): boolean {
  return localStorage.getItem(STORED) !== null;
}

export function languageOf(tag: string): Language | undefined {
  return LANGUAGES.find((known) => known === tag.slice(0, 2).toLowerCase());
}

/** The text with this id in the language of the page. */
export function t(id: string, args?: Args): string {
  return text(id, args) ?? id;
}

/** Whether there is such a text. */
export function has(id: string): boolean {
  return bundle.value?.hasMessage(id) ?? false;
}

function text(id: string, args?: Args): string | undefined {
  const message = bundle.value?.getMessage(id);
  if (!message?.value) return undefined;
  const errors: Error[] = [];
  const made = bundle.value!.formatPattern(message.value, args ?? null, errors);
  if (errors.length && import.meta.env.DEV) console.warn(id, errors);
  return made;
}

/** What a player reads of a refusal: `error-insufficient-funds` of INSUFFICIENT_FUNDS, or a general sentence. */
export function errorText(error: ApiError): string {
  const id = `error-${error.reason.toLowerCase().replaceAll("_", "-")}`;
  const told = text(id, error.metadata);
  // A fact that is missing would be shown as its name.
  return told && !/\{\$\w+\}/.test(told) ? told : t("error-general");
}

/** The text of an enum's value, such as `kind-swap` of KIND_SWAP; the value itself where there is none. */
export function enumText(value: string | undefined, args?: Args): string {
  if (!value) return "";
  return text(value.toLowerCase().replaceAll("_", "-"), args) ?? value;
}

const formats = computed(() => ({
  integer: new Intl.NumberFormat(language.value, { maximumFractionDigits: 0 }),
  percent: new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 2 }),
  date: new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }),
  dateTime: new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }),
  precise: new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }),
  clock: new Intl.DateTimeFormat(language.value, { timeStyle: "short" }),
  relative: new Intl.RelativeTimeFormat(language.value, { numeric: "auto", style: "short" }),
}));

export const formatInteger = (value: number | bigint): string => formats.value.integer.format(value);
export const formatPercent = (share: number): string => formats.value.percent.format(share);
export const formatDate = (time: Date): string => formats.value.date.format(time);
export const formatDateTime = (time: Date): string => formats.value.dateTime.format(time);
export const formatPreciseTime = (time: Date): string => formats.value.precise.format(time);
export const formatClock = (time: Date): string => formats.value.clock.format(time);

const SPANS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Such as "5 min. ago" or "in 2 days". */
export function formatAgo(time: Date, now: number = Date.now()): string {
  const seconds = (time.getTime() - now) / 1000;
  const [unit, span] = SPANS.find(([, span]) => Math.abs(seconds) >= span) ?? ["second", 1];
  return formats.value.relative.format(Math.trunc(seconds / span), unit);
}

/** What is left of a wait, such as `1:02:09` or `0:45`. */
export function formatCountdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor((left % 3600) / 60)];
  const padded = (value: number): string => String(value).padStart(2, "0");
  return hours ? `${hours}:${padded(minutes)}:${padded(left % 60)}` : `${minutes}:${padded(left % 60)}`;
}
