// What pages do with what is not true: a rewritten history, a receipt that was changed. And with files to keep.

import { readFile } from "node:fs/promises";
import { asked, open, run, watch } from "./browser.mjs";

const KEPT = "ticketonomics.head.main";

await run(async (browser) => {
  const device = await open(browser, { size: "desktop" });
  const page = await watch(device);
  const address = `/receipt/${asked.receipt}`;
  const kept = () => page.evaluate((name) => JSON.parse(localStorage.getItem(name)), KEPT);

  // A receipt that holds, and from then on the browser keeps watch.
  await page.goto(address);
  await page.getByText("Everything holds").waitFor();
  await page.getByText("From now on this browser keeps watch").waitFor();
  const first = await kept();
  await page.getByRole("button", { name: "Verify again" }).click();
  await page.getByText("This browser has kept watch since").waitFor();

  // The file that can be downloaded is the receipt, and holds as well; changed, it does not.
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const receipt = JSON.parse(await readFile(await (await saving).path(), "utf8"));
  const choose = (content) => ({ name: "receipt.json", mimeType: "application/json", buffer: Buffer.from(content) });
  await page.goto("/receipt");
  const file = page.getByLabel("A receipt's file (JSON)");
  await file.setInputFiles(choose(JSON.stringify(receipt)));
  await page.getByText("Everything holds").waitFor();
  receipt.transaction.postings[0].amount = "99900";
  await file.setInputFiles(choose(JSON.stringify(receipt)));
  await page.getByText("This receipt does not hold").waitFor();
  await page.getByText("its amount of posting 1 is not the one that is proven").waitFor();
  for (const nonsense of ["{", "[]", "{}", '{"leaf": 5}']) {
    await file.setInputFiles(choose(nonsense));
    await page.getByText("This file is no receipt.").waitFor();
  }

  // A history that is not the one that was seen before.
  const changes = { root: first.head.blockHash, treeSize: String(Number(first.head.treeSize) + 1_000_000) };
  for (const [name, value] of Object.entries(changes)) {
    const forged = { ...first, head: { ...first.head, [name]: value } };
    await page.evaluate(([key, head]) => localStorage.setItem(key, JSON.stringify(head)), [KEPT, forged]);
    await page.goto(address);
    await page.getByRole("alert").getByText("The history was rewritten!").waitFor();
    if ((await kept()).head[name] !== value) device.complaints.push("what proves it was forgotten");
  }
  await page.getByRole("button", { name: "It was begun anew" }).click();
  await page.getByRole("button", { name: "Yes, forget what was kept" }).click();
  await page.getByText("From now on this browser keeps watch").waitFor();

  // Figures to take away.
  await page.goto("/economy/flows");
  const table = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download “Faucets and sinks” as CSV" }).click();
  const csv = await readFile(await (await table).path(), "utf8");

  // Searching leads to what was meant.
  const found = [];
  for (const typed of [asked.receipt, "#3", `users/${asked.person}`, asked.person, "@ada", "IRON"]) {
    await page.goto("/explorer");
    await page.getByRole("searchbox").fill(typed);
    await page.getByRole("button", { name: "Find" }).click();
    await page.waitForURL(/explorer\/./);
    found.push(new URL(page.url()).pathname);
  }
  await device.context.close();
  // The ledger has not so many blocks: that one was asked for, and refused.
  const complaints = device.complaints.filter((text) => !/consistencyProofs.*secondSize=100\d{4}/.test(text));
  return { complaints, csv, found };
});
