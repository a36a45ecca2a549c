import { readFile } from "node:fs/promises";
import { switches } from "../support/names.ts";
import { openLink, turnOff, unlockHistory } from "../support/journey.ts";
import { expect, test } from "../support/test.ts";

test("the history is told only after a code", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await expect(page.locator("#history")).not.toContainText("Offers and new products by email");
  await page.goto("/record");
  await expect(page).toHaveURL(/\/code$/);
  await page.goto("/record.json");
  await expect(page).toHaveURL(/\/code$/);
  await openLink(page, customer);
  await unlockHistory(page, server, customer);
  const newest = page.locator("#history li").first();
  await expect(newest).toContainText("Offers and new products by email: turned off");
  await expect(newest).toContainText("You, on this page");
});

test("the record lists every choice and downloads as JSON", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  const said = await page.getByRole("status").innerText();
  const reference = said.match(/Reference (\S+)/)?.[1] ?? "none";
  await unlockHistory(page, server, customer);
  await page.getByRole("link", { name: "Printable record" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your record");
  const row = page.getByRole("row").filter({ hasText: "Advertising: Adlane GmbH" });
  await expect(row.first()).toContainText("turned off");
  await expect(row.first()).toContainText(reference);

  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download your record (JSON)" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("record.json");
  const record = JSON.parse(await readFile(await download.path(), "utf8"));
  const last = record.choices.at(-1);
  expect(last).toMatchObject({ target: "share:advertising/adlane", reference });
});

test("the words that were shown then can be read", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  await unlockHistory(page, server, customer);
  await page
    .getByRole("link", { name: /Words shown then/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Notice \d+$/);
  await expect(page.getByText("Adlane GmbH")).toBeVisible();
  await expect(page.getByRole("switch")).toHaveCount(0);
});
