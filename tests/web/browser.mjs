// What the browser's scripts share: a page that is watched, and complains about everything that is wrong.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

// The libraries are the web app's.
const require = createRequire(new URL("../../clients/web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const VIEWPORTS = {
  phone: { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 860 } },
};
const PATIENCE_MS = 20_000;

/** What Python asks for: one JSON argument. */
export const asked = JSON.parse(process.argv[2] ?? "{}");

/** Runs a script with a browser, and prints what it returns as JSON: the last line of the output. */
export async function run(script) {
  const browser = await chromium.launch({ executablePath: asked.chromium, args: ["--lang=en"] });
  try {
    process.stdout.write(`\n${JSON.stringify(await script(browser))}\n`);
  } finally {
    await browser.close();
  }
}

/** A context as somebody's device: its size, language and theme; maybe signed in as a citizen. */
export async function open(browser, { size = "desktop", language = "en", theme = "light", person = "" } = {}) {
  const context = await browser.newContext({
    ...VIEWPORTS[size],
    locale: language === "ru" ? "ru-RU" : "en-GB",
    colorScheme: theme,
    reducedMotion: "reduce",
    acceptDownloads: true,
    baseURL: asked.url,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints = [];
  const ours = new URL(asked.url).origin;
  await context.route("**/*", (route) => {
    const { origin, protocol } = new URL(route.request().url());
    if (origin === ours || protocol === "data:" || protocol === "blob:") return route.fallback();
    complaints.push(`asked another host: ${route.request().url()}`);
    return route.abort();
  });
  if (person) await signIn(context, person);
  return { context, complaints };
}

async function signIn(context, personId) {
  const headers = { Origin: new URL(asked.url).origin };
  const answer = await context.request.post("/api/v1/auth/dev", { data: { personId }, headers });
  if (!answer.ok()) throw new Error(`cannot sign in: ${answer.status()} ${await answer.text()}`);
}

/** A page whose errors, refused contents and failed calls are taken down. */
export async function watch({ context, complaints }) {
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`${place(page)}: ${error}`));
  page.on("console", (message) => {
    if (message.type() !== "error" || isExpected(message)) return;
    complaints.push(`${place(page)}: ${message.text()} ${message.location().url}`);
  });
  return page;
}

/** Whether somebody is signed in, or has voted, is asked, and the answer may be no. */
function isExpected(message) {
  const { url } = message.location();
  const visitor = url.endsWith("/api/v1/auth/me") && /status of 401/.test(message.text());
  return visitor || (/\/ballots\/\w+$/.test(url) && /status of 404/.test(message.text()));
}

function place(page) {
  return new URL(page.url()).pathname;
}

/** Waits until a page shows what it has to show. */
export async function settled(page) {
  await page.waitForSelector("main h1");
  await page.waitForFunction(() => !document.querySelector("main .skeleton, main .chart-note, main [aria-busy='true']"));
}

/** What automatic checks of accessibility find that would keep people out. */
export async function unfair(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${place(page)}: ${id} at ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}: ${nodes[0]?.any?.[0]?.message ?? ""}`);
}

/** What is wider than the screen, and texts that are missing: an id is shown in their place. */
export async function untidy(page, names) {
  const found = await page.evaluate((known) => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const shown = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const ids = [];
    while (shown.nextNode()) {
      const text = shown.currentNode.textContent.trim();
      const inCode = shown.currentNode.parentElement.closest("code, pre, script");
      if (!inCode && /^([a-z]+(-[a-z0-9]+)+|KIND_\w+|STATE_\w+|[A-Z]+_[A-Z_]+)$/.test(text) && !known.includes(text)) ids.push(text);
    }
    return { wide, ids: [...new Set(ids)] };
  }, names);
  const problems = found.ids.map((id) => `${place(page)}: shows ${id}`);
  if (found.wide > 1) problems.push(`${place(page)}: is ${found.wide} pixels wider than the screen`);
  return problems;
}
