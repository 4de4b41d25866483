// Opens every page as one kind of visitor, and tells what is wrong with them.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { asked, open, run, settled, unfair, untidy, watch } from "./browser.mjs";

const AT_ONCE = 3;

await run(async (browser) => {
  const problems = [];
  const left = [...asked.pages];
  mkdirSync(asked.screenshots, { recursive: true });

  async function look() {
    // A browser of its own each: streams take up connections, of which a browser has six.
    const device = await open(browser, asked);
    const page = await watch(device);
    for (let next = left.shift(); next; next = left.shift()) {
      await page.goto(next.address);
      try {
        await settled(page);
      } catch (error) {
        problems.push(`${next.address}: is not ready: ${String(error).split("\n")[0]}`);
      }
      const name = [next.name.replaceAll("/", "-"), asked.size, asked.language, asked.theme].join("-");
      await page.screenshot({ path: join(asked.screenshots, `${name}.png`), fullPage: true });
      problems.push(...(await unfair(page)), ...(await untidy(page, asked.names)));
    }
    await device.context.close();
    problems.push(...device.complaints);
  }

  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return { problems };
});
