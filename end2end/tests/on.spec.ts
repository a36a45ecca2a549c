import { buttons, switches } from "../support/names.ts";
import {
  askToTurnOn,
  expectAlive,
  expectSaid,
  expectState,
  findSwitch,
  openLink,
  press,
  proveIdentity,
  reload,
  turnOff,
  turnOn,
  typeCode,
} from "../support/journey.ts";
import { countCodes, readCode } from "../support/outbox.ts";
import { expect, test } from "../support/test.ts";

/** A code that is certainly not this one. */
function wrong(code: string): string {
  return code.replace(/\d/g, (digit) => String((Number(digit) + 1) % 10));
}

test("turning something on takes a code and a second step", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await expectState(page, switches.offersPhone, "Off");
  await askToTurnOn(page, switches.offersPhone);
  await proveIdentity(page, server, customer);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Turn on Offers and new products by phone?");
  await press(page, buttons.turnOn);
  await expectSaid(page, "Saved. Offers and new products by phone is on.");
  await expectAlive(page);
  await expectState(page, switches.offersPhone, "On");
  await reload(page);
  await expectState(page, switches.offersPhone, "On");
  await expect(page.locator("#history")).toContainText("asked to turn on, not yet confirmed");
});

test("what was turned off is turned on again", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  await turnOn(page, server, customer, switches.adlane);
  await expectSaid(page, "Saved. Advertising: Adlane GmbH is on.");
  await expectState(page, switches.adlane, "On");
});

test("after a code the next switch goes on in two steps without another", async ({
  page,
  customer,
  server,
}) => {
  await openLink(page, customer);
  await turnOn(page, server, customer, switches.offersPhone);
  await findSwitch(page, switches.research).click();
  await expect(page).toHaveURL(/\/choices\/confirm$/);
  await press(page, buttons.turnOn);
  await expectState(page, switches.research, "On");
  expect(await countCodes(server, customer.email)).toBe(1);
});

test("whoever keeps it off at the second step keeps it off", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await askToTurnOn(page, switches.offersPhone);
  await proveIdentity(page, server, customer);
  await page.getByRole("link", { name: buttons.keepOff }).click();
  await expect(page).toHaveURL(/\/choices$/);
  await expectAlive(page);
  await expectState(page, switches.offersPhone, "Off");
});

test("a link alone can't reach the second step", async ({ page, customer }) => {
  await openLink(page, customer);
  await page.goto("/choices/confirm");
  await expect(page).toHaveURL(/\/choices$/);
});

test("five wrong codes use a code up and a new one works", async ({
  page,
  customer,
  server,
  witness,
}) => {
  witness.expectMessage(/status of 422/);
  await openLink(page, customer);
  await askToTurnOn(page, switches.offersPhone);
  await press(page, buttons.sendCode);
  const code = await readCode(server, customer.email);
  const mistake = page.getByRole("alert");
  for (let tried = 1; tried <= 5; tried += 1) {
    await typeCode(page, wrong(code));
    await expect(mistake).toContainText("This code is not right");
    const field = page.getByLabel("Code", { exact: true });
    await expect(field).toHaveValue("");
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  await typeCode(page, code);
  await expect(mistake).toContainText("This code is not right, or it is too old or used up.");
  await press(page, "Send a new code");
  await typeCode(page, await readCode(server, customer.email, 2));
  await expect(page).toHaveURL(/\/choices\/confirm$/);
});

test("an empty code is asked for again", async ({ page, customer, witness }) => {
  witness.expectMessage(/status of 422/);
  await openLink(page, customer);
  await press(page, buttons.sendCode);
  await press(page, buttons.continue);
  await page
    .getByRole("alert")
    .getByRole("link", { name: "Enter the code that we sent you." })
    .click();
  await expect(page.getByLabel("Code", { exact: true })).toBeFocused();
});

test("the fourth code within ten minutes is refused, opting out is not", async ({
  page,
  customer,
  witness,
}) => {
  witness.expectMessage(/status of 429/);
  await openLink(page, customer);
  await press(page, buttons.sendCode);
  await press(page, "Send a new code");
  await press(page, "Send a new code");
  await press(page, "Send a new code");
  await expect(page.getByRole("alert")).toContainText("Too many codes were asked for.");
  await page.getByRole("link", { name: "Back to your choices" }).click();
  await expectAlive(page);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
});
