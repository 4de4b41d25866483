// A person who lives with the app: claims, taps, pays, is asked, allows. What is asked of the API is looked at, too.

import { asked, open, run, settled, watch } from "./browser.mjs";

const DAY_MS = 86_400_000;

await run(async (browser) => {
  const device = await open(browser, { size: "phone", person: asked.person });
  const page = await watch(device);
  const problems = [];
  const check = (fair, told) => fair || problems.push(told);
  const button = (name, exact = true) => page.getByRole("button", { name, exact });
  const dialog = page.getByRole("dialog");
  const api = async (path) => (await device.context.request.get(`/api${path}`)).json();
  const balance = async () => BigInt((await api(`/v1/balances/BRONZE/users/${asked.person}`)).balance.available);
  const transfers = async () => (await api(`/v1/transactions?account=users/${asked.person}&kind=KIND_TRANSFER&pageSize=1000`)).transactions;
  const close = async () => {
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await dialog.waitFor({ state: "detached" });
  };

  // The daily claim, pressed as fast as two fingers can.
  await page.goto("/");
  await settled(page);
  const before = await balance();
  const claim = page.getByRole("button", { name: /^Claim/ });
  await claim.dblclick();
  await dialog.getByText("Claimed!").waitFor();
  await close();
  await claim.waitFor({ state: "detached" });
  const claimed = await balance();
  check(claimed > before, "the claim paid nothing");
  await page.getByText("Reward", { exact: true }).first().waitFor();

  // Taps: gathered, sent, paid.
  const posted = [];
  page.on("request", (request) => request.url().endsWith("/rewards/taps") && posted.push(request.postDataJSON()));
  for (let tap = 0; tap < 12; tap += 1) await button("Tap the ticket").click({ delay: 0, noWaitAfter: true });
  await page.getByText(/earned by tapping/).waitFor();
  await page.waitForFunction(async (person) => {
    const { deeds = [] } = (await (await fetch(`/api/v1/progress/${person}`)).json()).progress;
    return deeds.some(({ deed, count }) => deed === "tapped" && Number(count) >= 12);
  }, asked.person);
  check(posted.length < 12, `${posted.length} calls for 12 taps`);
  check(posted.reduce((sum, { count }) => sum + count, 0) === 12, `taps were lost or sent twice: ${JSON.stringify(posted)}`);

  // A payment whose answer is lost on the way, and which is pressed again and again.
  await page.goto(`/pay/${asked.handle}?amount=1.25&memo=for+the+test`);
  await page.getByText(`✓ @${asked.handle}`).waitFor();
  const richBefore = await balance();
  const paidBefore = (await transfers()).length;
  const ids = [];
  let lose = true;
  await page.route("**/api/v1/transfers", async (route) => {
    ids.push(route.request().postDataJSON().transactionId);
    const answer = await route.fetch();
    if (!lose) return route.fulfill({ response: answer });
    lose = false;
    return route.abort("connectionreset");
  });
  device.complaints.length = 0;
  await button("Next").click();
  await dialog.getByText("A payment cannot be undone.").waitFor();
  await dialog.getByRole("button", { name: "Pay now", exact: true }).dblclick();
  await dialog.getByText(/happens only once/).waitFor();
  await dialog.getByRole("button", { name: "Try again", exact: true }).dblclick();
  await dialog.getByText("Paid", { exact: true }).waitFor();
  await dialog.getByText(/was not paid twice/).waitFor();
  await close();
  check(ids.length === 2 && ids[0] === ids[1], `one payment has the ids ${ids}`);
  check((await transfers()).length === paidBefore + 1, "the payment happened more than once");
  check((await balance()) === richBefore - 125n, "the payment took another amount");
  device.complaints.splice(0, device.complaints.length, ...device.complaints.filter((told) => !/ERR_CONNECTION_RESET/.test(told)));
  await page.unroute("**/api/v1/transfers");

  // More than there is, and whom there is not.
  await page.getByLabel("Amount").fill("9b");
  await page.getByText(/^You have only/).waitFor();
  check(await button("Next").isDisabled(), "more than there is can be paid");
  await page.getByLabel("Amount").fill("1");
  await page.getByLabel("To", { exact: true }).fill("nobody_at_all");
  await page.waitForFunction(() => document.querySelector(".field-wrong"));
  check(await button("Next").isDisabled(), "nobody can be paid");
  device.complaints.splice(0, device.complaints.length, ...device.complaints.filter((told) => !/status of 404/.test(told)));

  // What somebody asks for, accepted.
  await page.goto("/wallet/requests");
  await settled(page);
  const asksBefore = await balance();
  const ask = page.locator("main li", { hasText: asked.memo });
  await ask.getByRole("button", { name: "Pay", exact: true }).click();
  await dialog.getByRole("button", { name: "Pay", exact: true }).click();
  await dialog.getByText(/^Paid: 1\.00/).waitFor();
  await close();
  await ask.getByText(/^Paid/).waitFor();
  check((await balance()) === asksBefore - 100n, "the request took another amount");

  // An allowance, taken away.
  await page.goto("/wallet/allowances");
  await settled(page);
  await button("Revoke").first().click();
  await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
  await dialog.getByText("The application may take nothing more.").waitFor();
  await close();
  await page.getByText("No application may take anything").waitFor();

  // A schedule, made and ended.
  await page.goto("/wallet/schedules");
  await settled(page);
  await button("New schedule").click();
  await page.getByLabel("To", { exact: true }).fill(asked.handle);
  await page.getByLabel("Amount").fill("0.5");
  await page.getByLabel("First time").fill(new Date(Date.now() + DAY_MS).toISOString().slice(0, 16));
  await page.getByText(`✓ @${asked.handle}`).waitFor();
  await button("Next").click();
  await dialog.getByRole("button", { name: "Make the schedule", exact: true }).click();
  await dialog.getByText("Scheduled", { exact: true }).waitFor();
  await close();
  await button("End").click();
  await dialog.getByRole("button", { name: "End", exact: true }).click();
  await dialog.getByText("The schedule has ended.").waitFor();
  await close();
  await page.getByText(/· ended/).waitFor();

  // The history as a file has what was paid.
  await page.goto("/wallet");
  await settled(page);
  const [file] = await Promise.all([page.waitForEvent("download"), button("CSV").click()]);
  let csv = "";
  for await (const part of await file.createReadStream()) csv += part.toString("utf8");
  check(csv.includes(",BRONZE,-1.25,for the test\r\n"), `the file lacks the payment: ${csv.slice(0, 400)}`);

  // Settings: the language of everything, and what the bot tells.
  await page.goto("/profile/settings");
  await settled(page);
  await page.getByLabel("Payments to you").uncheck();
  await page.getByText("Saved").first().waitFor();
  await button("Русский").click();
  await page.getByText("Имя пользователя", { exact: true }).waitFor();
  await page.waitForFunction(async (person) => {
    const { preferences } = await (await fetch(`/api/v1/people/${person}/preferences`)).json();
    return preferences.language === "ru" && preferences.muted.join() === "NOTIFICATION_PAYMENT_RECEIVED";
  }, asked.person);
  await button("Связать ещё один").click();
  await dialog.getByText(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/).waitFor();

  await device.context.close();
  return { problems: [...problems, ...device.complaints] };
});
