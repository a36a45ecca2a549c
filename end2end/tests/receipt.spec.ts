// Proof in hand: a receipt on the screen, on paper, as a file; and checking it.

import { readFile } from "node:fs/promises";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { expectAlive, openLink, turnOff, unlockHistory } from "../support/journey.ts";
import { languages, switches } from "../support/names.ts";
import { expect, test, type Page } from "../support/test.ts";

const offers = "Offers and new products by email";

// Paper has some 300 dots an inch, a screen 96.
test.use({ deviceScaleFactor: 3 });

/** Turns offers off and opens the receipt that the status message offers. */
async function openReceipt(page: Page): Promise<void> {
  await turnOff(page, switches.offersEmail, offers);
  await page.getByRole("status").getByRole("link", { name: "Receipt" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Receipt for your choice");
}

/** The receipt as a file. */
async function download(page: Page): Promise<string> {
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as a file (JSON)" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^receipt-[0-9A-Z]{4}-[0-9A-Z]{4}\.json$/);
  return readFile(await file.path(), "utf8");
}

/** What a phone's camera reads of the code on the page. */
async function scan(page: Page): Promise<string | undefined> {
  const picture = PNG.sync.read(await page.locator(".code").screenshot());
  const pixels = new Uint8ClampedArray(picture.data);
  // The reader is published as CommonJS; its function is the default either way.
  const read = (jsqr as unknown as { default?: typeof jsqr }).default ?? jsqr;
  return read(pixels, picture.width, picture.height)?.data;
}

/** Expects the page that checks receipts to call this one genuine. */
async function expectGenuine(page: Page): Promise<void> {
  const verdict = page.locator("#verdict");
  await expect(verdict.getByRole("heading")).toHaveText("This receipt is genuine");
  await expect(verdict).toContainText(`${offers}: turned off`);
}

test("each choice has a receipt that can be checked, and a changed word is named", async ({
  page,
  customer,
  witness,
}) => {
  witness.expectMessage(/status of 422/);
  await openLink(page, customer);
  await openReceipt(page);
  await expect(page.getByText("You objected")).toBeVisible();
  const receipt = await download(page);
  await page.goto("/verify");
  await page.getByLabel("The receipt’s text").fill(receipt);
  await page.getByRole("button", { name: "Check" }).click();
  await expectGenuine(page);
  await page.getByLabel("Or its file").setInputFiles({
    name: "receipt.json",
    mimeType: "application/json",
    buffer: Buffer.from(receipt),
  });
  await page.getByRole("button", { name: "Check" }).click();
  await expectGenuine(page);
  const forged = receipt.replace('"act": "withdrawn"', '"act": "granted"');
  expect(forged).not.toBe(receipt);
  await page.getByLabel("The receipt’s text").fill(forged);
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByRole("alert")).toContainText("/record/act says something else now");
});

test("the code on paper leads to the page that checks it", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await openReceipt(page);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.setViewportSize({ width: 794, height: 1123 });
  await expect(page.getByRole("link", { name: "Download" })).toBeHidden();
  const address = await scan(page);
  expect(address).toMatch(new RegExp(`^${server.url}/verify\\?`));
  await page.emulateMedia({ media: null });
  await page.goto(address!);
  await expectGenuine(page);
});

test("every entry of the history has its receipt", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, offers);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  await unlockHistory(page, server, customer);
  const older = page.locator("#history li").filter({ hasText: offers });
  await older.first().getByRole("link", { name: /^Receipt for Offers/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Receipt for your choice");
  await expect(page.getByText(`${offers}: turned off`)).toBeVisible();
});

test("whoever opts out without a link has something in hand, too", async ({ page }) => {
  await page.goto("/choices");
  await expectAlive(page);
  await page.getByLabel("Your email address or phone number").fill("nobody@example.net");
  await page.getByRole("button", { name: "Opt out" }).click();
  await page.getByRole("status").getByRole("link", { name: "Receipt" }).click();
  await expect(page.getByText("does not say whether we know it")).toBeVisible();
  await expect(page.locator("body")).not.toContainText("nobody@");
});

for (const { tag, name } of languages) {
  test(`a receipt for everything fits one page in ${name}`, async ({ page, customer }) => {
    await page.goto(`${customer.link}`);
    await page.goto(`/choices?language=${tag}`);
    await expectAlive(page);
    await page.locator('button[name="off"][value="everything"]').first().click();
    await page.locator('#toast a[href^="/receipts/"]').click();
    await expect(page.locator("article.receipt")).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", tag);
    const pdf = (await page.pdf({ format: "A4", margin })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1);
  });
}

/** What browsers leave free at the edges of paper. */
const margin = { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" };
