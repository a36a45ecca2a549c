import { buttons, switches } from "../support/names.ts";
import {
  expectAlive,
  expectSaid,
  expectState,
  findRow,
  openLink,
  press,
  proveIdentity,
  readSwitches,
  reload,
} from "../support/journey.ts";
import { expect, test } from "../support/test.ts";

/** The day that lies this many days ahead, as the English page writes it. */
function inDays(days: number): string {
  const day = new Date(Date.now() + days * 86_400_000);
  const parts = {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "Europe/London",
  } as const;
  return day.toLocaleDateString("en-GB", parts);
}

test("a pause of 90 days says until when, in every row and after a reload", async ({
  page,
  customer,
}) => {
  await openLink(page, customer);
  const until = inDays(90);
  await press(page, "90 days");
  await expectSaid(page, `Saved. Marketing is paused until ${until}.`);
  for (const look of ["at once", "after a reload"]) {
    await test.step(look, async () => {
      await expect(page.locator("#now")).toContainText(`Marketing is paused until ${until}.`);
      await expect(findRow(page, switches.offersEmail)).toContainText(`Paused until ${until}`);
      await expectState(page, switches.offersEmail, "Off");
      await expectState(page, switches.recommendations, "Off");
      await expectState(page, switches.adlane, "On");
    });
    await reload(page);
  }
});

test("during a pause one click turns a message off for good", async ({ page, customer }) => {
  await openLink(page, customer);
  await press(page, "30 days");
  await expectSaid(page, "Marketing is paused until");
  await findRow(page, switches.offersEmail)
    .getByRole("button", { name: "Turn off for good" })
    .click();
  await expectSaid(page, "Saved. Offers and new products by email is off.");
  await expect(findRow(page, switches.offersEmail)).toContainText("Off since");
  await expect(findRow(page, switches.offersPost)).toContainText("Paused until");
});

test("a pause is taken back without a code", async ({ page, customer }) => {
  await openLink(page, customer);
  const before = await readSwitches(page);
  await press(page, "180 days");
  await expectSaid(page, "Marketing is paused until");
  await press(page, buttons.undo);
  await expectSaid(page, "Taken back.");
  expect(await readSwitches(page)).toEqual(before);
});

test("ending a pause needs a code and a second step", async ({ page, customer, server }) => {
  await openLink(page, customer);
  const before = await readSwitches(page);
  await press(page, "90 days");
  await expectSaid(page, "Marketing is paused until");
  await press(page, buttons.resume);
  await expect(page).toHaveURL(/\/code$/);
  await proveIdentity(page, server, customer);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("End the pause?");
  await press(page, "End the pause");
  await expectSaid(page, "Saved. The pause has ended.");
  await expectAlive(page);
  expect(await readSwitches(page)).toEqual(before);
});
