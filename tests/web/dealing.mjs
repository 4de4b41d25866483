// What people do with their tickets where others do the same: a price that moves while it is looked at,
// liquidity in and out, a round and its result, a vote that is changed, a proposal that is withdrawn.

import { asked, open, run, watch } from "./browser.mjs";

const OTHERS_PAY = "3000";

await run(async (browser) => {
  const device = await open(browser, { size: "phone", person: asked.person });
  const page = await watch(device);
  const dialog = page.getByRole("dialog");

  async function finish(outcome) {
    await dialog.getByText(outcome).first().waitFor();
    await dialog.locator(".sheet-actions").getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });
  }
  async function confirm(name, outcome) {
    await dialog.getByRole("button", { name, exact: true }).click();
    await finish(outcome);
  }

  // The price moves while somebody reads: that is said, the limit holds, and the new price is one press away.
  await page.goto(`/market/${asked.pool}`);
  await page.getByText("Leeway 0.5%").click();
  await page.getByRole("button", { name: "0.1%" }).click();
  await page.getByLabel(/^You receive: Iron/).fill("3");
  await page.getByRole("button", { name: "Check the swap" }).click();
  await dialog.getByText("At most, with 0.1% leeway").waitFor();
  await buyAsOther(browser);
  await dialog.getByText("The price has moved since").waitFor();
  await dialog.getByRole("button", { name: "Swap", exact: true }).click();
  const refusal = await dialog.getByRole("alert").textContent();
  await dialog.getByRole("button", { name: "Take the new price" }).click();

  // The answer is lost on its way. Who leaves then, and means the same again, does it once.
  const lose = async (route) => {
    await route.fetch();
    await route.abort();
  };
  await page.route("**/*:swap", lose, { times: 1 });
  await dialog.getByRole("button", { name: "Swap", exact: true }).click();
  await dialog.getByText("We do not know yet whether it happened").waitFor();
  await dialog.locator(".sheet-actions").getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Check the swap" }).click();
  await confirm("Swap", "Swapped");

  // The amounts of liquidity are linked; what was put in comes out.
  await page.getByRole("button", { name: "Liquidity" }).click();
  await page.getByLabel("Iron", { exact: true }).fill("2");
  await page.getByRole("button", { name: "Check what goes in" }).click();
  await confirm("Add", "Went into the pool");
  await page.getByText("My share").waitFor();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "100%" }).click();
  await page.getByRole("button", { name: "Check what comes out" }).click();
  await confirm("Remove", "Came out of the pool");

  // A round: others fill it as soon as this person is in, and the result is told without asking.
  await page.goto("/queues");
  await page.getByRole("button", { name: "Join Bronze, Small" }).click();
  await dialog.getByRole("button", { name: "Stake and join" }).click();
  const result = page.getByRole("heading", { name: /You were drawn!|Not this time/ });
  await result.waitFor();
  const told = await result.textContent();
  await dialog.getByRole("link", { name: "Verify this draw" }).click();
  await page.getByText("The commitment was kept on this device").waitFor();
  await page.getByRole("button", { name: "Verify this draw" }).click();
  await page.getByText("The draw is right").waitFor();
  const round = new URL(page.url()).pathname.split("/").at(-1);

  // A vote that is changed, and counted once.
  await page.goto(`/parliament/${asked.proposal}`);
  const vote = page.getByRole("group", { name: "My vote" });
  for (const choice of ["Against", "Abstain"]) {
    await vote.getByRole("button", { name: choice, exact: true }).click();
    await confirm("Vote", "Counted");
  }
  await page.getByText("Abstained: 1").waitFor();

  // A proposal that its proposer takes back.
  await page.goto("/parliament/new");
  await page.getByRole("button", { name: "Change a rule" }).click();
  await page.getByLabel("Title").fill("A lower quorum");
  await page.getByLabel("Which number").selectOption("parliament.quorum");
  await page.getByLabel("New value, in percent").fill("95");
  await page.getByText("That is above what is allowed.").waitFor();
  await page.getByLabel("New value, in percent").fill("5");
  await page.getByRole("button", { name: "Check the proposal" }).click();
  await confirm("Propose", "Proposed");
  await page.getByRole("heading", { name: "A lower quorum" }).waitFor();
  const proposal = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByRole("button", { name: "Withdraw" }).click();
  await confirm("Withdraw", "went back");
  await page.locator(".badge", { hasText: "Withdrawn" }).first().waitFor();

  await device.context.close();
  // The swap beyond its limit was refused, as it had to be, and the answer to another one was lost.
  const complaints = device.complaints.filter((text) => !/:swap$/.test(text));
  return { complaints, refusal, told, round, proposal };
});

/** Somebody else buys, by the same gateway. */
async function buyAsOther(browser) {
  const { context } = await open(browser, { person: asked.other });
  const { csrfToken } = await (await context.request.get("/api/v1/auth/me")).json();
  const answer = await context.request.post(`/api/v1/pools/${asked.pool}:swap`, {
    headers: { "X-CSRF-Token": csrfToken, Origin: new URL(asked.url).origin },
    data: { transactionId: crypto.randomUUID(), account: `users/${asked.other}`, assetIn: "BRONZE", assetOut: "IRON", amountIn: OTHERS_PAY },
  });
  if (!answer.ok()) throw new Error(await answer.text());
  await context.close();
}
