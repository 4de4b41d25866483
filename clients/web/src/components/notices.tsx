import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { online } from "@/api";
import { t } from "@/i18n";
import { app } from "@/session";
import { reconnecting } from "@/streams";

interface ToastMessage {
  id: number;
  text: string;
  tone: "good" | "bad" | "plain";
}

const SHOWN_MS = 5_000;
const toasts = signal<readonly ToastMessage[]>([]);
let last = 0;

/** Says something in passing. For outcomes of money use an IntentionSheet: a toast may be missed. */
export function toast(text: string, tone: ToastMessage["tone"] = "plain"): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, tone }];
  setTimeout(() => (toasts.value = toasts.value.filter((shown) => shown.id !== id)), SHOWN_MS);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone }) => <p key={id} class={`toast toast-${tone}`}>{text}</p>)}
    </div>
  );
}

/** Tells calmly that nothing new arrives, and why. */
export function Banners(): JSX.Element {
  const maintenance = app.value.maintenance;
  return (
    <div class="banners" role="status" aria-live="polite">
      {maintenance && <p class="banner">{t("banner-maintenance")}</p>}
      {!online.value ? <p class="banner banner-warn">{t("banner-offline")}</p> : reconnecting.value && <p class="banner">{t("banner-reconnecting")}</p>}
    </div>
  );
}
