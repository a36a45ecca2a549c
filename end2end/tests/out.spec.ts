import { buttons, switches } from "../support/names.ts";
import {
  expectSaid,
  expectState,
  findRow,
  openLink,
  optOutOfEverything,
  press,
  readSwitches,
  reload,
  turnOff,
} from "../support/journey.ts";
import { expect, test } from "../support/test.ts";

test("a personal link opens the choices and leaves no token behind", async ({ page, customer }) => {
  await openLink(page, customer);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your privacy choices");
  expect(await page.content()).not.toContain(customer.token);
});

test("one message by one channel is turned off and stays off", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await expectState(page, switches.offersPost, "On");
  await reload(page);
  await expectState(page, switches.offersEmail, "Off");
  await expectState(page, switches.offersPost, "On");
  await expect(findRow(page, switches.offersEmail)).toContainText(/Off since \d+ \w+ \d{4}/);
  await expectSaid(page, /Reference [A-Z0-9-]+/);
});

test("one company gets no more data while the others do", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  await reload(page);
  await expectState(page, switches.adlane, "Off");
  await expectState(page, switches.reachwell, "On");
});

test("one button stops all marketing and the profiling behind it", async ({ page, customer }) => {
  await openLink(page, customer);
  await press(page, buttons.marketingOff);
  await expectSaid(page, "Saved. All marketing is off.");
  await reload(page);
  await expect(page.locator("#now")).toContainText("We send you no marketing.");
  await expectState(page, switches.offersEmail, "Off");
  await expectState(page, switches.recommendations, "Off");
  await expectState(page, switches.adlane, "On");
});

test("one button stops all sale and sharing", async ({ page, customer }) => {
  await openLink(page, customer);
  await press(page, buttons.sharingOff);
  await expectSaid(page, "Saved. All sale and sharing is off.");
  await reload(page);
  await expect(page.locator("#now")).toContainText("We share your data with nobody");
  await expectState(page, switches.adlane, "Off");
  await expectState(page, switches.tallyhouse, "Off");
  await expectState(page, switches.offersEmail, "On");
});

test("one switch stops every company of a purpose", async ({ page, customer }) => {
  await openLink(page, customer);
  await page.getByRole("switch", { name: "Advertising: all companies" }).click();
  await expectSaid(page, "Saved. Advertising: all companies is off.");
  await expectState(page, switches.adlane, "Off");
  await expectState(page, switches.reachwell, "Off");
  await expectState(page, switches.tallyhouse, "On");
});

test("out of everything and back by undo leaves all as it was", async ({ page, customer }) => {
  await openLink(page, customer);
  const before = await readSwitches(page);
  expect(Object.values(before)).toContain(true);
  await optOutOfEverything(page);
  expect(Object.values(await readSwitches(page))).not.toContain(true);
  await expect(page.locator("#now")).toContainText("You have opted out of everything.");
  await press(page, buttons.undo);
  await expectSaid(page, "Taken back. Everything is as it was before.");
  expect(await readSwitches(page)).toEqual(before);
  await reload(page);
  expect(await readSwitches(page)).toEqual(before);
});

test("what was undone can't be undone again", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await press(page, buttons.undo);
  await expectSaid(page, "Taken back.");
  await expect(page.getByRole("button", { name: buttons.undo })).toHaveCount(0);
  await expectState(page, switches.offersEmail, "On");
});
