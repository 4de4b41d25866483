// Opens the first page as a new visitor, and tells how much script came over the wire, compressed.

import { open, run, settled, watch } from "./browser.mjs";

await run(async (browser) => {
  const device = await open(browser, { size: "phone" });
  const page = await watch(device);
  const scripts = [];
  page.on("requestfinished", async (request) => {
    if (request.resourceType() !== "script") return;
    scripts.push(request.sizes().then(({ responseBodySize }) => [new URL(request.url()).pathname, responseBodySize]));
  });
  await page.goto("/");
  await settled(page);
  const sizes = await Promise.all(scripts);
  return { sizes: Object.fromEntries(sizes), complaints: device.complaints };
});
