import { buttons, switches } from "../support/names.ts";
import {
  askToTurnOn,
  expectSaid,
  expectState,
  findSwitch,
  openChoices,
  openLink,
  optOutOfEverything,
  press,
  proveIdentity,
  turnOn,
} from "../support/journey.ts";
import { expect, test } from "../support/test.ts";

test("an old confirm page can't turn on what was turned off since", async ({
  page,
  context,
  customer,
  server,
  witness,
}) => {
  witness.expectMessage(/status of 422/);
  await openLink(page, customer);
  await askToTurnOn(page, switches.offersPhone);
  await proveIdentity(page, server, customer);
  await expect(page.getByRole("button", { name: buttons.turnOn })).toBeVisible();

  const other = await context.newPage();
  await openChoices(other);
  await optOutOfEverything(other);

  await press(page, buttons.turnOn);
  await expect(page.getByRole("alert")).toContainText(
    "Something changed since you opened that page",
  );
  await expectState(page, switches.offersPhone, "Off");
  await expectState(page, switches.offersEmail, "Off");
  await expect(page.locator("#now")).toContainText("You have opted out of everything.");
});

test("an old page's off keeps off what was turned off since", async ({
  page,
  context,
  customer,
}) => {
  await openLink(page, customer);
  const other = await context.newPage();
  await openChoices(other);
  await optOutOfEverything(other);

  await findSwitch(page, switches.offersEmail).click();
  await expectState(page, switches.offersEmail, "Off");
  await expect(page.locator("#now")).toContainText("You have opted out of everything.");
  await expectState(page, switches.adlane, "Off");
});

test("an old page's off wins over what was turned on since", async ({
  page,
  context,
  customer,
  server,
}) => {
  await openLink(page, customer);
  await turnOn(page, server, customer, switches.offersPhone);
  await expectState(page, switches.offersPhone, "On");
  const other = await context.newPage();
  await openChoices(other);
  await findSwitch(other, switches.offersPhone).click();
  await expectSaid(other, "Offers and new products by phone is off.");
  await findSwitch(other, switches.offersPhone).click();
  await press(other, buttons.turnOn);
  await expectState(other, switches.offersPhone, "On");

  await findSwitch(page, switches.offersPhone).click();
  await expectSaid(page, "Offers and new products by phone is off.");
  await expectState(page, switches.offersPhone, "Off");
});
