// A page that is only looked at does nothing.

import { expectAlive, findSwitch, openChoices, openLink } from "../../support/journey.ts";
import { switches } from "../../support/names.ts";
import { openDetails } from "../../support/tour.ts";
import { countEntries } from "../../support/server.ts";
import { expect, test, type Page } from "../../support/test.ts";

/** What a mail scanner with a browser does: wait, scroll, move the mouse, leave. */
async function lookAround(page: Page): Promise<void> {
  await expectAlive(page);
  await page.mouse.wheel(0, 20_000);
  for (const [x, y] of [
    [100, 100],
    [600, 400],
    [900, 650],
  ] as const) {
    await page.mouse.move(x, y, { steps: 5 });
  }
  await openDetails(page);
  await page.keyboard.press("Escape");
  await page.waitForLoadState("networkidle");
}

test("looking at the pages sends nothing and records nothing", async ({
  page,
  customer,
  server,
  witness,
}) => {
  const before = await countEntries(server);
  await openLink(page, customer);
  await lookAround(page);
  await openChoices(page);
  await page.goto(`/u/${customer.token}/offers/email`);
  await page.waitForLoadState("networkidle");
  await page.goto("about:blank");
  const sent = witness.requests.filter((request) => request.method() !== "GET");
  expect(sent.map((request) => request.url())).toEqual([]);
  expect(await countEntries(server)).toBe(before);
});

test("a stranger's page sends nothing either", async ({ page, server, witness }) => {
  const before = await countEntries(server);
  await openChoices(page);
  await lookAround(page);
  const sent = witness.requests.filter((request) => request.method() !== "GET");
  expect(sent.map((request) => request.url())).toEqual([]);
  expect(await countEntries(server)).toBe(before);
});

test("leaving a page with a switch under the mouse records nothing", async ({
  page,
  customer,
  server,
}) => {
  await openLink(page, customer);
  const before = await countEntries(server);
  await findSwitch(page, switches.offersEmail).hover();
  await page.mouse.down();
  await page.mouse.move(5, 5);
  await page.mouse.up();
  await page.goto("about:blank");
  expect(await countEntries(server)).toBe(before);
});
