import { buttons, switches } from "../support/names.ts";
import {
  expectAlive,
  expectSaid,
  expectState,
  openChoices,
  openLink,
  press,
  typeCode,
} from "../support/journey.ts";
import { readCode } from "../support/outbox.ts";
import { expect, test, type Page } from "../support/test.ts";

const field = "Your email address or phone number";

/** Opts an address out as somebody without a link; gives what the page answers. */
async function optOut(page: Page, contact: string): Promise<string> {
  await openChoices(page);
  await page.getByLabel(field).fill(contact);
  await press(page, buttons.optOut);
  await expectSaid(page, "From now on this holds for the address or number you entered");
  await expectAlive(page);
  const main = await page.locator("main").innerText();
  const said = await page.getByRole("status").innerText();
  return `${main}\n${said}`.replace(/Reference [A-Z0-9-]+/, "Reference");
}

test("an address opts out without a link, at once and for good", async ({ page, customer }) => {
  await optOut(page, customer.email.toUpperCase());
  await openLink(page, customer);
  await expect(page.locator("#now")).toContainText("You have opted out of everything.");
  await expectState(page, switches.offersEmail, "Off");
  await expectState(page, switches.adlane, "Off");
});

test("only what was selected is turned off", async ({ page, customer }) => {
  await openChoices(page);
  await page.getByLabel(field).fill(customer.email);
  await page.getByLabel("All sale and sharing of data").check();
  await press(page, buttons.optOut);
  await expectSaid(page, "All sale and sharing is off.");
  await openLink(page, customer);
  await expectState(page, switches.adlane, "Off");
  await expectState(page, switches.offersEmail, "On");
});

test("a known and an unknown address get the same answer", async ({ page, customer }) => {
  const known = await optOut(page, customer.email);
  await page.context().clearCookies();
  const unknown = await optOut(page, "nobody-we-know@example.com");
  expect(unknown).toBe(known);
});

test("a known and an unknown address look the same when a code is asked for", async ({
  page,
  customer,
}) => {
  const ask = async (contact: string) => {
    await page.context().clearCookies();
    await openChoices(page);
    await page.getByRole("link", { name: buttons.sendCode }).click();
    await page.getByLabel(field).fill(contact);
    await press(page, buttons.sendCode);
    await expect(page.getByLabel("Code", { exact: true })).toBeVisible();
    return (await page.locator("main").innerText()).replace(/to \S+@\S+\./, "to …");
  };
  expect(await ask("nobody-we-know@example.org")).toBe(await ask(customer.email));
});

test("the form's opt-out is taken back by undo", async ({ page, customer }) => {
  await optOut(page, customer.email);
  await press(page, buttons.undo);
  await expectSaid(page, "Taken back.");
  await openLink(page, customer);
  await expectState(page, switches.offersEmail, "On");
});

test("an address once typed is not asked for again", async ({ page, customer, server }) => {
  await optOut(page, customer.email);
  await expect(page.getByLabel(field)).toHaveValue(customer.email);
  await press(page, buttons.sendCode);
  await typeCode(page, await readCode(server, customer.email));
  await expect(page).toHaveURL(/\/choices$/);
  await expect(page.locator("#history")).toContainText("with the form without a link");
  await expectAlive(page);
});

test("an address that can't be read is named, kept and explained", async ({ page, witness }) => {
  witness.expectMessage(/status of 422/);
  await openChoices(page);
  await page.getByLabel(field).fill("name@@example");
  await page.getByLabel("All marketing").check();
  await press(page, buttons.optOut);
  const mistake = page.getByRole("alert");
  await expect(mistake).toContainText("neither an email address nor a phone number");
  await expect(page.getByLabel(field)).toHaveValue("name@@example");
  await expect(page.getByLabel(field)).toHaveAccessibleDescription(
    /Write it like name@example.com/,
  );
  await expect(page.getByLabel("All marketing")).toBeChecked();
  await mistake.getByRole("link").click();
  await expect(page.getByLabel(field)).toBeFocused();
  await expectAlive(page);
});

test("a link that is not known still leads to a form that works", async ({ page, customer }) => {
  await page.goto(`/c/${"x".repeat(22)}`);
  await expect(page.getByRole("alert")).toContainText("This link no longer works");
  await expectAlive(page);
  await page.getByLabel(field).fill(customer.email);
  await press(page, buttons.optOut);
  await expectSaid(page, "Everything is off.");
  await openLink(page, customer);
  await expectState(page, switches.offersEmail, "Off");
});
