// The Mini App as Telegram opens it: with its init data in the fragment, and with its script or without.

import { asked, open, run, settled, watch } from "./browser.mjs";

const SCRIPT = "https://telegram.org/js/telegram-web-app.js";

/** What this app uses of Telegram's script: it reads the fragment, and notes what it is told. */
function telegramScript() {
  const given = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData") ?? sessionStorage.getItem("telegram");
  sessionStorage.setItem("telegram", given);
  const told = new URLSearchParams(given);
  const calls = (globalThis.telegramCalls = []);
  const note = (name) => (...values) => void calls.push([name, ...values.filter((value) => typeof value !== "function")]);
  const handlers = new Set();
  globalThis.pressBack = () => handlers.forEach((handler) => handler());
  globalThis.Telegram = {
    WebApp: {
      initData: given,
      initDataUnsafe: { start_param: told.get("start_param") ?? undefined, user: JSON.parse(told.get("user")) },
      colorScheme: "dark",
      themeParams: { bg_color: "#101418", secondary_bg_color: "#0a0c0f", text_color: "#fafafa", hint_color: "#a0a8b0" },
      ready: note("ready"),
      expand: note("expand"),
      isVersionAtLeast: () => true,
      disableVerticalSwipes: note("disableVerticalSwipes"),
      setHeaderColor: note("setHeaderColor"),
      setBackgroundColor: note("setBackgroundColor"),
      onEvent: note("onEvent"),
      BackButton: {
        show: note("back shown"),
        hide: note("back hidden"),
        onClick: (handler) => handlers.add(handler),
        offClick: (handler) => handlers.delete(handler),
      },
      HapticFeedback: { impactOccurred: note("impact"), notificationOccurred: note("notification"), selectionChanged: note("selection") },
    },
  };
}

await run(async (browser) => {
  const problems = [];
  const check = (fair, told) => fair || problems.push(told);

  async function opened(initData, { reachable }) {
    const device = await open(browser, { size: "phone" });
    const page = await watch(device);
    const asked = [];
    await device.context.route(SCRIPT, (route) => {
      asked.push(route.request().url());
      if (!reachable) return route.abort();
      return route.fulfill({ contentType: "text/javascript", body: `(${telegramScript})()` });
    });
    await page.goto(`/#${new URLSearchParams({ tgWebAppData: initData, tgWebAppVersion: "8.0", tgWebAppPlatform: "android" })}`);
    await settled(page);
    return { device, page, asked };
  }

  const { device, page, asked: scripts } = await opened(asked.initData, { reachable: true });
  check(scripts.length === 1, "the script was not loaded");
  await page.waitForURL("**/queues/BRONZE/SMALL");
  check(!page.url().includes("tgWebAppData"), "the init data stayed in the address");
  const calls = () => page.evaluate(() => globalThis.telegramCalls.map(([name]) => name));
  for (const name of ["ready", "expand", "setHeaderColor", "back shown"]) check((await calls()).includes(name), `no ${name}`);
  const look = await page.evaluate(() => {
    const root = getComputedStyle(document.documentElement);
    return { ink: root.getPropertyValue("--ink").trim(), theme: document.documentElement.dataset.theme };
  });
  check(look.ink === "#fafafa" && look.theme === "dark", `the theme is ${JSON.stringify(look)}`);

  // Signed in, and so after a reload, which comes with the same init data; the back button leads home.
  await page.goto("/profile");
  await page.getByRole("heading", { level: 1, name: asked.name }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: asked.name }).waitFor();
  await page.locator("nav.bar").getByText("Wallet", { exact: true }).click();
  await page.waitForURL("**/wallet");
  await page.getByText("Pay", { exact: true }).first().click();
  await page.waitForURL("**/pay");
  await page.evaluate(() => globalThis.pressBack());
  await page.waitForURL("**/wallet");
  problems.push(...device.complaints);
  await device.context.close();

  // Where Telegram's script cannot be had, the page is the public one.
  const alone = await opened(asked.otherData, { reachable: false });
  check(alone.asked.length === 1, "the script was not asked for");
  await alone.page.getByRole("heading", { level: 1, name: "A town that runs on tickets" }).waitFor();
  const quiet = alone.device.complaints.filter((told) => !told.includes("ERR_FAILED"));
  problems.push(...quiet);
  await alone.device.context.close();

  // In a browser nobody asks for it.
  const plain = await open(browser);
  const seen = await watch(plain);
  await seen.goto("/");
  await settled(seen);
  problems.push(...plain.complaints);
  await plain.context.close();
  return { problems };
});
