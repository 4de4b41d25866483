// Opens every page as one kind of visitor, and tells what is wrong with them.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { asked, open, run, settled, unfair, untidy, watch } from "./browser.mjs";

const AT_ONCE = 3;

await run(async (browser) => {
  const device = await open(browser, asked);
  const problems = [];
  const left = [...asked.pages];
  mkdirSync(asked.screenshots, { recursive: true });

  async function look() {
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
    await page.close();
  }

  await Promise.all(Array.from({ length: AT_ONCE }, look));
  await device.context.close();
  return { problems: [...problems, ...device.complaints] };
});
