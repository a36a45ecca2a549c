// What customers find in their mailbox, which is a folder here.

import { switches } from "../support/names.ts";
import { expectState, openLink, proveIdentity, turnOff } from "../support/journey.ts";
import { readLetters, readMessages } from "../support/outbox.ts";
import { expect, test } from "../support/confirming.ts";

test("a code arrives, also as a message that mail programs open", async ({
  page,
  customer,
  server,
}) => {
  await openLink(page, customer);
  await proveIdentity(page, server, customer);
  await expect(page.getByRole("link", { name: "Printable record" })).toBeVisible();
  const [message, ...others] = await readMessages(server, customer.email);
  expect(others).toEqual([]);
  expect(message).toContain("Subject: Your code for Northwind Outdoor\r\n");
  expect(message).toContain("Auto-Submitted: auto-generated\r\n");
  expect(message).toContain("Content-Type: multipart/alternative;");
});

test("a choice is confirmed by one letter, whose link leads to it", async ({
  page,
  customer,
  server,
}) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersPost, "Offers and new products by post");
  const said = await page.getByRole("status").locator("small").textContent();
  const [reference] = said!.split(" · ");
  const letters = async () => readLetters(server, customer.email);
  await expect.poll(async () => (await letters()).length).toBe(1);
  const [letter] = await letters();
  expect(letter).toContain("Offers and new products by post: turned off");
  expect(letter).toContain(reference);
  await page.context().clearCookies();
  const link = letter!.match(/^https?:\S+\/c\/\S+$/m)![0];
  await page.goto(link);
  await expect(page).toHaveURL(/\/choices$/);
  await expectState(page, switches.offersPost, "Off");
  await expectState(page, switches.offersEmail, "On");
  expect(await letters()).toHaveLength(1);
});

test("a letter takes a change back in any browser, and only when a button is pressed", async ({
  page,
  customer,
  server,
}) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersPost, "Offers and new products by post");
  const letters = async () => readLetters(server, customer.email);
  await expect.poll(async () => (await letters()).length).toBe(1);
  const [letter] = await letters();
  await page.context().clearCookies();
  await page.goto(letter!.match(/^https?:\S+\/undo\/\S+$/m)![0]);
  await expect(page).toHaveURL(/\/choices\/undo$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Take a change back");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page).toHaveURL(/\/choices$/);
  await expectState(page, switches.offersPost, "On");
  await expect(page.getByRole("status")).toContainText("Taken back.");
});
