// Watches a market from some open pages and many streams, and tells when a price was shown or had come:
// milliseconds since 1970. It says "ready" when all are open, and ends with the first word it is told.

import { asked, open, run, settled, watch } from "./browser.mjs";

/** Takes down when the page shows another price than before. */
function takeDown() {
  const price = document.querySelector(".pool-now");
  let before = price.textContent;
  globalThis.shown = [];
  new MutationObserver(() => {
    if (price.textContent === before) return;
    before = price.textContent;
    globalThis.shown.push(Date.now());
  }).observe(price, { childList: true, characterData: true, subtree: true });
}

async function openPage(browser) {
  const page = await watch(await open(browser, { size: "phone" }));
  await page.goto(`/market/${asked.pool}`);
  await settled(page);
  await page.evaluate(takeDown);
  return page;
}

/** Follows what pages follow, without a page around it: when each tick came, by its entry. */
async function openStream(stop) {
  const address = `${asked.url}/api/v1/prices:watch?instruments=pools/${asked.pool}`;
  const answer = await fetch(address, { headers: { Accept: "text/event-stream" }, signal: stop });
  const came = {};
  const decoder = new TextDecoder();
  const read = async () => {
    let rest = "";
    for await (const bytes of answer.body) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        for (const { tick } of JSON.parse(line.slice(5)).updates ?? []) if (tick) came[tick.sequence] ??= Date.now();
      }
    }
  };
  read().catch(() => undefined);
  return came;
}

await run(async (browser) => {
  const stop = new AbortController();
  const pages = [];
  for (let number = 0; number < asked.pages; number++) pages.push(await openPage(browser));
  const streams = await Promise.all(Array.from({ length: asked.streams }, () => openStream(stop.signal)));
  process.stdout.write("ready\n");
  // The end of the input is the end of whoever started this.
  await new Promise((resolve) => process.stdin.once("data", resolve).once("end", resolve));
  const shown = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.shown)));
  stop.abort();
  process.stdin.destroy();
  return { shown, streams };
});
