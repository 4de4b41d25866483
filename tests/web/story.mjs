// The first minute of somebody new, on a phone: sign in, claim, swap, join a queue, vote, verify a receipt.
// An explorer that is open beside it sees all of it as it happens.

import { asked, open, run, settled, watch } from "./browser.mjs";

await run(async (browser) => {
  const device = await open(browser, { size: "phone" });
  const explorer = await watch(device);
  await explorer.goto("/explorer");
  await explorer.getByText("Live: new blocks").waitFor();

  const page = await watch(device);
  const dialog = page.getByRole("dialog");
  const bar = page.getByRole("navigation", { name: "Main menu" });

  /** Presses what confirms, sees the outcome, and closes it. */
  async function confirm(name, outcome) {
    await dialog.getByRole("button", { name, exact: true }).click();
    await dialog.getByText(outcome).first().waitFor();
    await dialog.locator(".sheet-actions").getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });
  }

  // Sign in.
  await page.goto("/");
  await page.getByRole("link", { name: "Sign in" }).or(page.getByRole("link", { name: "Take part" })).first().click();
  await page.getByRole("button", { name: /^Ada/ }).click();
  await page.getByRole("heading", { name: "Ada" }).waitFor();

  // Claim.
  await bar.getByRole("link", { name: "Home" }).click();
  await page.getByRole("button", { name: /^Claim/ }).click();
  await dialog.getByText("Claimed!").waitFor();
  await dialog.locator(".sheet-actions").getByRole("button", { name: "Close" }).click();

  // Swap.
  await bar.getByRole("link", { name: "Market" }).click();
  await page.locator(`a[href="/market/${asked.pool}"]`).first().click();
  await page.getByLabel(/^You give: Bronze/).fill("6");
  await page.getByRole("button", { name: "Check the swap" }).click();
  await confirm("Swap", "Swapped");

  // Queue.
  await bar.getByRole("link", { name: "Queues" }).click();
  await page.getByRole("button", { name: "Join", exact: false }).first().click();
  await confirm("Stake and join", "You have place 1 of 20");

  // Vote.
  await page.goto("/parliament");
  await page.getByRole("link", { name: "A market day every week" }).first().click();
  await page.getByRole("group", { name: "My vote" }).getByRole("button", { name: "For", exact: true }).click();
  await confirm("Vote", "Counted");

  // Verify: the newest line of the history is the stake.
  await bar.getByRole("link", { name: "Wallet" }).click();
  await page.locator("main a[href^='/receipt/']").first().click();
  await page.getByText("Everything holds").waitFor();
  await settled(page);
  const receipt = new URL(page.url()).pathname.split("/").at(-1);

  for (const kind of ["Reward", "Swap", "Queue joined"]) {
    await explorer.locator("main").getByRole("link", { name: kind, exact: true }).first().waitFor();
  }
  await device.context.close();
  return { complaints: device.complaints, receipt };
});
