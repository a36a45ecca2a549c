import { switches } from "../support/names.ts";
import { expectAlive, expectSaid, expectState, openLink, press } from "../support/journey.ts";
import { countEntries } from "../support/server.ts";
import type { Customer } from "../support/customers.ts";
import { expect, test } from "../support/test.ts";

/** The link in the foot of one message. */
function messageLink(customer: Customer, target: string): string {
  return `${customer.link.replace("/c/", "/u/")}/${target}`;
}

test("opening a message's link shows a button and changes nothing", async ({
  page,
  customer,
  server,
}) => {
  const before = await countEntries(server);
  await page.goto(messageLink(customer, "offers/email"));
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Stop Offers and new products by email?");
  await expect(page.getByRole("button", { name: "Stop this", exact: true })).toBeVisible();
  await page.reload();
  expect(await countEntries(server)).toBe(before);
  await openLink(page, customer);
  await expectState(page, switches.offersEmail, "On");
});

test("one click on a message's page stops that message", async ({ page, customer, server }) => {
  await page.goto(messageLink(customer, "offers/email"));
  const before = await countEntries(server);
  await press(page, "Stop this");
  await expectSaid(page, "Saved. Offers and new products by email is off.");
  await expectAlive(page);
  await expect(page).toHaveURL(/\/choices(#.*)?$/);
  await expectState(page, switches.offersEmail, "Off");
  await expectState(page, switches.offersPost, "On");
  expect(await countEntries(server)).toBe(before + 1);
});

test("one click on a message's page stops all marketing", async ({ page, customer }) => {
  await page.goto(messageLink(customer, "offers/email"));
  await press(page, "Stop all marketing");
  await expectSaid(page, "Saved. All marketing is off.");
  await expectState(page, switches.catalogue, "Off");
  await expectState(page, switches.adlane, "On");
});

test("a mailbox's own unsubscribe button works without a cookie", async ({
  page,
  customer,
  request,
}) => {
  const form = { "List-Unsubscribe": "One-Click" };
  const answer = await request.post(messageLink(customer, "care/text"), { form, maxRedirects: 0 });
  expect(answer.status()).toBe(200);
  await openLink(page, customer);
  await expectState(page, switches.careText, "Off");
  await expectState(page, switches.offersEmail, "On");
});

test("a message's link that is not known leads to a form that works", async ({ page }) => {
  await page.goto(`/u/${"x".repeat(22)}/offers/email`);
  await expect(page.getByRole("alert")).toContainText("This link no longer works");
  await expectAlive(page);
  await expect(page.getByRole("button", { name: "Opt out", exact: true })).toBeVisible();
});
