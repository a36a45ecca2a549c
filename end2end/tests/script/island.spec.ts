// Saving in place: what the script adds to the same forms.

import { buttons, switches } from "../../support/names.ts";
import {
  askToTurnOn,
  expectSaid,
  expectState,
  findSwitch,
  openLink,
  optOutOfEverything,
  press,
  turnOff,
} from "../../support/journey.ts";
import { countEntries } from "../../support/server.ts";
import { expect, test, type Page } from "../../support/test.ts";

/** Leaves a mark that a new document would not have. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { marked: true }));
}

async function isMarked(page: Page): Promise<boolean> {
  return page.evaluate(() => "marked" in window);
}

/** Holds every form back until it is told to let them go. */
async function holdForms(page: Page): Promise<() => void> {
  let release = () => {};
  const gate = new Promise<void>((open) => (release = open));
  await page.route("**/do/**", async (route) => {
    await gate;
    await route.continue();
  });
  return release;
}

test("a switch is saved without leaving the page", async ({ page, customer }) => {
  await openLink(page, customer);
  await mark(page);
  const found = findSwitch(page, switches.offersEmail);
  await found.click();
  await expectSaid(page, "Saved. Offers and new products by email is off.");
  await expectState(page, switches.offersEmail, "Off");
  await expect(found).toBeFocused();
  await optOutOfEverything(page);
  await press(page, buttons.undo);
  await expectSaid(page, "Taken back.");
  expect(await isMarked(page)).toBe(true);
});

test("the status line is there before it speaks, and stays the same element", async ({
  page,
  customer,
}) => {
  await openLink(page, customer);
  const status = page.getByRole("status");
  await expect(status).toHaveCount(1);
  await expect(status).toBeEmpty();
  const element = await status.elementHandle();
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  expect(await element?.evaluate((found) => found.isConnected && found.textContent)).toContain(
    "Saved.",
  );
});

test("what was open stays open and the page does not jump", async ({ page, customer }) => {
  await openLink(page, customer);
  const details = page.locator("main details").last();
  await details.locator("summary").click();
  const found = findSwitch(page, switches.adlane);
  await found.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  await expect(details).toHaveAttribute("open");
  await expect(details.locator("p").first()).toBeVisible();
  const moved = await page.evaluate((from) => Math.abs(window.scrollY - from), before);
  expect(moved).toBeLessThan(60);
});

test("turning on leaves for the code page", async ({ page, customer }) => {
  await openLink(page, customer);
  await askToTurnOn(page, switches.offersPhone);
  await expect(page.getByText("Turning something on again needs a code")).toBeVisible();
});

test("when the server can't be reached the switch goes back and says why", async ({
  page,
  customer,
  witness,
}) => {
  witness.expectMessage(/ERR_FAILED/);
  await openLink(page, customer);
  await mark(page);
  await page.route("**/do/**", (route) => route.abort());
  await findSwitch(page, switches.offersEmail).click();
  await expectSaid(page, "That did not reach us, so nothing has changed. Please try again.");
  await expectState(page, switches.offersEmail, "On");
  await expect(findSwitch(page, switches.offersEmail)).not.toHaveAttribute("aria-busy");
  await page.unroute("**/do/**");
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  expect(await isMarked(page)).toBe(true);
});

test("when the server fails the switch goes back and says why", async ({
  page,
  customer,
  witness,
}) => {
  witness.expectMessage(/status of 503/);
  await openLink(page, customer);
  await page.route("**/do/**", (route) => route.fulfill({ status: 503, body: "" }));
  await findSwitch(page, switches.adlane).click();
  await expectSaid(page, "That did not reach us");
  await expectState(page, switches.adlane, "On");
});

test("on a slow network a switch shows the new state at once, and a double click counts once", async ({
  page,
  customer,
  server,
  witness,
}) => {
  await openLink(page, customer);
  const before = await countEntries(server);
  const release = await holdForms(page);
  await findSwitch(page, switches.offersEmail).dblclick();
  await expectState(page, switches.offersEmail, "Off");
  await expect(findSwitch(page, switches.offersEmail)).toHaveAttribute("aria-busy", "true");
  release();
  await expectSaid(page, "Saved. Offers and new products by email is off.");
  await expectState(page, switches.offersEmail, "Off");
  expect(await countEntries(server)).toBe(before + 1);
  expect(witness.requests.filter((request) => request.method() === "POST")).toHaveLength(1);
});

test("several switches in quick succession all stay off", async ({ page, customer, server }) => {
  await openLink(page, customer);
  const before = await countEntries(server);
  const release = await holdForms(page);
  const chosen = [switches.offersEmail, switches.catalogue, switches.adlane, switches.tallyhouse];
  for (const name of chosen) await findSwitch(page, name).click();
  release();
  await expectSaid(page, "Saved. Measuring what sells: Tallyhouse AB is off.");
  for (const name of chosen) await expectState(page, name, "Off");
  await page.reload();
  for (const name of chosen) await expectState(page, name, "Off");
  expect(await countEntries(server)).toBe(before + chosen.length);
});

test("without its WebAssembly the page still saves", async ({ page, customer, witness }) => {
  witness.expectMessage(/ERR_FAILED|goes on without its script/);
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(customer.link);
  await findSwitch(page, switches.offersEmail).click();
  await expectSaid(page, "Saved. Offers and new products by email is off.");
  await expectState(page, switches.offersEmail, "Off");
  await expect(page).toHaveURL(/#message-offers-email$/);
});
