import { render } from "preact";
import { loadAssets } from "@/assets";
import { routeOf } from "@/deeplinks";
import { loadLanguage, preferredLanguage } from "@/i18n";
import { ApiError } from "@/problems";
import { readApp, startSession } from "@/session";
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

function ignoreRefusal(thrown: unknown): void {
  ApiError.from(thrown);
}

void start();
