import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

interface BackButton {
  show(): void;
  hide(): void;
  onClick(handler: () => void): void;
  offClick(handler: () => void): void;
}

/** What this app uses of Telegram's script. Parts are absent in old apps, so every call looks first. */
interface WebApp {
  initData: string;
  initDataUnsafe?: { start_param?: string; user?: { id: number; language_code?: string } };
  colorScheme?: "light" | "dark";
  themeParams?: Record<string, string | undefined>;
  BackButton?: BackButton;
  HapticFeedback?: {
    impactOccurred(style: "light" | "medium" | "heavy"): void;
    notificationOccurred(type: "success" | "warning" | "error"): void;
    selectionChanged(): void;
  };
  ready(): void;
  expand?(): void;
  disableVerticalSwipes?(): void;
  isVersionAtLeast?(version: string): boolean;
  setHeaderColor?(color: string): void;
  setBackgroundColor?(color: string): void;
  openTelegramLink?(url: string): void;
  onEvent?(event: string, handler: () => void): void;
}

const SCRIPT = "https://telegram.org/js/telegram-web-app.js";
const LOAD_TIMEOUT_MS = 4_000;
const SEEN = "ticketonomics.telegram";

/** Telegram's side of a Mini App; undefined in a browser, and where its script could not be loaded. */
export const telegram = signal<WebApp | undefined>(undefined);

/** Whether this page was opened inside Telegram. The fragment is gone after a navigation, so it is remembered. */
export function insideTelegram(): boolean {
  if (location.hash.includes("tgWebAppData=")) sessionStorage.setItem(SEEN, "1");
  return sessionStorage.getItem(SEEN) === "1";
}

/** Loads Telegram's script if, and only if, the page is inside Telegram. */
export async function startTelegram(): Promise<void> {
  if (!insideTelegram()) return;
  await loadScript();
  const app = (window as { Telegram?: { WebApp?: WebApp } }).Telegram?.WebApp;
  if (!app?.initData) return;
  telegram.value = app;
  app.ready();
  app.expand?.();
  if (app.isVersionAtLeast?.("7.7")) app.disableVerticalSwipes?.();
  applyTheme(app);
  app.onEvent?.("themeChanged", () => applyTheme(app));
}

function loadScript(): Promise<void> {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    const timeout = setTimeout(resolve, LOAD_TIMEOUT_MS);
    script.onload = script.onerror = () => {
      clearTimeout(timeout);
      resolve();
    };
    script.src = SCRIPT;
    document.head.append(script);
  });
}

/** Telegram's colours become those of the page; what it does not name stays the page's own. */
const COLOURS: Record<string, readonly string[]> = {
  "--ground": ["secondary_bg_color", "bg_color"],
  "--surface": ["section_bg_color", "bg_color"],
  "--ink": ["text_color"],
  "--ink-soft": ["subtitle_text_color", "hint_color"],
  "--line": ["section_separator_color"],
};

function applyTheme(app: WebApp): void {
  const root = document.documentElement;
  root.dataset["theme"] = app.colorScheme ?? "light";
  root.dataset["telegram"] = "";
  for (const [name, sources] of Object.entries(COLOURS)) {
    const colour = sources.map((source) => app.themeParams?.[source]).find(Boolean);
    if (colour) root.style.setProperty(name, colour);
    else root.style.removeProperty(name);
  }
  app.setHeaderColor?.("secondary_bg_color");
  app.setBackgroundColor?.("secondary_bg_color");
}

/** A short feeling in the hand, where there is one. */
export function haptic(kind: "tap" | "select" | "success" | "warning" | "error"): void {
  const feedback = telegram.value?.HapticFeedback;
  if (kind === "tap") feedback?.impactOccurred("light");
  else if (kind === "select") feedback?.selectionChanged();
  else feedback?.notificationOccurred(kind);
}

/** Shows Telegram's back button while `onBack` is given. */
export function useBackButton(onBack: (() => void) | undefined): void {
  const button = telegram.value?.BackButton;
  useEffect(() => {
    if (!button || !onBack) return undefined;
    button.onClick(onBack);
    button.show();
    return () => {
      button.offClick(onBack);
      button.hide();
    };
  }, [button, onBack]);
}

/** Offers a link to others: in Telegram by its own sheet, elsewhere by the browser's, or by copying. */
export async function share(url: string, text: string): Promise<"shared" | "copied" | "cancelled"> {
  const open = telegram.value?.openTelegramLink;
  if (open) {
    open(`https://t.me/share/url?${new URLSearchParams({ url, text })}`);
    return "shared";
  }
  if (navigator.share) {
    try {
      await navigator.share({ url, text });
      return "shared";
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === "AbortError") return "cancelled";
    }
  }
  await navigator.clipboard.writeText(url);
  return "copied";
}
