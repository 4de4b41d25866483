import { effect } from "@preact/signals";
import { render } from "preact";
import { loadAssets } from "@/assets";
import { routeOf } from "@/deeplinks";
import { languageOf, languageWasChosen, loadLanguage, preferredLanguage } from "@/i18n";
import { readWishes } from "@/preferences";
import { ApiError } from "@/problems";
import { me, readApp, startSession } from "@/session";
import { Shell } from "@/shell";
import "@/styles/index.css";
import { startTelegram, telegram } from "@/telegram";

const APP_INFO_EVERY_MS = 60_000;
const ASSETS_AGAIN_MS = 5_000;

/** Telegram's fragment holds who signs in: it is used at once, and not left in the address. */
async function start(): Promise<void> {
  const texts = loadLanguage(preferredLanguage());
  await startTelegram();
  const inApp = telegram.value?.initDataUnsafe;
  const wanted = inApp?.start_param ? routeOf(inApp.start_param) : undefined;
  if (inApp) history.replaceState(null, "", wanted && location.pathname === "/" ? wanted : location.pathname + location.search);
  await texts;
  if (inApp?.user?.language_code) await loadLanguage(preferredLanguage([inApp.user.language_code]));
  void startSession();
  effect(() => {
    const personId = me.value?.personId;
    if (personId && !languageWasChosen()) void followWishes(personId).catch(ignoreRefusal);
  });
  void readAssets();
  render(<Shell />, document.getElementById("app")!);
  setInterval(() => document.hidden || void readApp().catch(ignoreRefusal), APP_INFO_EVERY_MS);
}

async function readAssets(): Promise<void> {
  try {
    await loadAssets();
  } catch (thrown) {
    ignoreRefusal(thrown);
    setTimeout(() => void readAssets(), ASSETS_AGAIN_MS);
  }
}

/** The language that was chosen elsewhere holds here, too, until another is chosen here. */
async function followWishes(personId: string): Promise<void> {
  const wished = languageOf((await readWishes(personId)).language);
  if (wished && !languageWasChosen()) await loadLanguage(wished);
}

function ignoreRefusal(thrown: unknown): void {
  ApiError.from(thrown);
}

void start();
