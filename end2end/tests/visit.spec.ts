import { buttons, switches } from "../support/names.ts";
import {
  expectAlive,
  expectState,
  findSwitch,
  openChoices,
  openLink,
  press,
  unlockHistory,
} from "../support/journey.ts";
import { expect, test } from "../support/test.ts";

test("“Not you?” ends the visit", async ({ page, customer }) => {
  await openLink(page, customer);
  await press(page, buttons.notYou);
  await expect(page.getByRole("heading", { name: "Stop it without a link" })).toBeVisible();
  await expectAlive(page);
  await openChoices(page);
  await expect(page.getByRole("switch")).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole("switch")).toHaveCount(0);
});

test("a link opened after another customer's shows nothing of the other", async ({
  page,
  customer,
  customers,
  server,
}) => {
  await openLink(page, customer);
  await unlockHistory(page, server, customer);
  await openLink(page, await customers.next());
  await expect(page.getByText("To see what happened with your choices")).toBeVisible();
  await page.goto("/record");
  await expect(page).toHaveURL(/\/code$/);
});

test("a form of a visit that has ended says so and offers the way out", async ({
  page,
  context,
  customer,
  witness,
}) => {
  witness.expectMessage(/status of 422/);
  await openLink(page, customer);
  await context.clearCookies();
  await findSwitch(page, switches.offersEmail).click();
  await expect(page.getByRole("alert")).toContainText("Your visit has ended to protect you.");
  await expect(page.getByRole("button", { name: buttons.optOut, exact: true })).toBeVisible();
  await openLink(page, customer);
  await expectState(page, switches.offersEmail, "On");
});

test("every link leads somewhere", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await unlockHistory(page, server, customer);
  const links = await page
    .locator("a[href]")
    .evaluateAll((found) => found.map((element) => (element as HTMLAnchorElement).href));
  const own = new Set(links.filter((link) => link.startsWith(server.url)));
  expect(own.size).toBeGreaterThan(8);
  for (const link of own) {
    const { hash } = new URL(link);
    if (hash) await expect(page.locator(hash), link).toBeAttached();
    const answer = await page.request.get(link);
    expect(answer.status(), link).toBe(200);
  }
  const others = links.filter((link) => !link.startsWith(server.url));
  for (const link of others) expect(link).toMatch(/^(https:|mailto:|tel:)/);
});

test("a page that does not exist says so and leads back", async ({ page, witness }) => {
  witness.expectMessage(/status of 404/);
  const answer = await page.goto("/nowhere");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page does not exist");
  await page.getByRole("link", { name: "Back to your choices" }).click();
  await expect(page).toHaveURL(/\/choices$/);
  await expectAlive(page);
});
