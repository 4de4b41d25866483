// What others do is seen without a reload; what the operator stops cannot be begun; what is lost is told.

import { asked, open, run, settled, watch } from "./browser.mjs";

const MEMO = `live ${Date.now()}`;
const SEEN_MS = 10_000;

await run(async (browser) => {
  const problems = [];
  const check = (fair, told) => fair || problems.push(told);
  const device = await open(browser, { size: "phone", person: asked.person });
  const page = await watch(device);
  // A gateway asks the server for it every other second.
  for (let told = {}; Boolean(told.maintenance) !== Boolean(asked.maintenance); ) told = await (await device.context.request.get("/api/v1/app")).json();
  await page.goto("/");
  await settled(page);
  const worth = page.locator(".worth-number");
  const before = await worth.textContent();

  if (asked.maintenance) {
    await page.getByText(/^Maintenance is under way/).waitFor();
    check(await page.getByRole("button", { name: "Tap the ticket" }).isDisabled(), "taps can begin");
    await page.goto(`/pay/${asked.handle}?minor=125`);
    await page.getByText(`✓ @${asked.handle}`).waitFor();
    check((await page.getByLabel("Amount").inputValue()) === "1.25", "the link's amount is not filled in");
    check(await page.getByRole("button", { name: "Next" }).isDisabled(), "a payment can begin");
    return { problems: [...problems, ...device.complaints] };
  }

  // Somebody else pays: the line, the name and the balance come by themselves.
  const other = await open(browser, { person: asked.other });
  const me = await (await other.context.request.get("/api/v1/auth/me")).json();
  const pay = (minor) => other.context.request.post("/api/v1/transfers", {
    headers: { Origin: new URL(asked.url).origin, "X-CSRF-Token": me.csrfToken },
    data: { transactionId: crypto.randomUUID(), source: `users/${asked.other}`, destination: `users/${asked.person}`, asset: "BRONZE", amount: String(minor), memo: MEMO },
  });
  check((await pay(7)).ok(), "the payment was refused");
  const line = page.locator("main li", { hasText: MEMO });
  await line.first().waitFor({ timeout: SEEN_MS });
  check((await line.first().textContent()).includes(`From @${asked.handle}`), "who paid is not told");
  await page.waitForFunction((old) => document.querySelector(".worth-number").textContent !== old, before, { timeout: SEEN_MS });

  // Away and back: it is told, and what happened meanwhile is there afterwards, once.
  await device.context.setOffline(true);
  await page.getByText(/^You are offline/).waitFor();
  check((await pay(3)).ok(), "the second payment was refused");
  await device.context.setOffline(false);
  await page.waitForFunction((memo) => [...document.querySelectorAll("main li")].filter((one) => one.textContent.includes(memo)).length === 2, MEMO, { timeout: SEEN_MS });
  await page.getByText(/^You are offline/).waitFor({ state: "detached" });
  device.complaints.splice(0, device.complaints.length, ...device.complaints.filter((told) => !/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/.test(told)));

  // A session that has ended elsewhere is noticed, and the page says what to do.
  await device.context.clearCookies();
  await page.goto("/wallet");
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  device.complaints.splice(0, device.complaints.length, ...device.complaints.filter((told) => !/status of 401/.test(told)));

  await other.context.close();
  await device.context.close();
  return { problems: [...problems, ...device.complaints] };
});
