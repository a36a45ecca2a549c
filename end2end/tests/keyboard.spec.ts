import { expectRing, tabThrough, tabTo } from "../support/keyboard.ts";
import { buttons, switches } from "../support/names.ts";
import { expectSaid, expectState, findSwitch, openLink, turnOff } from "../support/journey.ts";
import { expect, isScripted, test } from "../support/test.ts";

test("the skip link comes first, shows itself and leads to the main part", async ({
  page,
  customer,
}) => {
  await openLink(page, customer);
  const skip = page.getByRole("link", { name: "Skip to the main part" });
  await expect(skip).not.toBeInViewport();
  await page.keyboard.press("Tab");
  await expect(skip).toBeInViewport({ ratio: 1 });
  await expectRing(skip);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

for (const [key, name, called] of [
  ["Space", switches.offersEmail, "Offers and new products by email"],
  ["Enter", switches.adlane, "Advertising: Adlane GmbH"],
] as const) {
  test(`a switch is reached by Tab and turned off by ${key}`, async ({ page, customer }) => {
    await openLink(page, customer);
    const found = findSwitch(page, name);
    await tabTo(page, found);
    await expectRing(found);
    await page.keyboard.press(key);
    await expectSaid(page, `Saved. ${called} is off.`);
    await expectState(page, name, "Off");
    if (isScripted()) await expectRing(found);
  });
}

test("everything is turned off and back on by keys alone", async ({ page, customer }) => {
  await openLink(page, customer);
  const allOff = page.getByRole("button", { name: buttons.allOff });
  await tabTo(page, allOff);
  await expectRing(allOff);
  await page.keyboard.press("Enter");
  await expectSaid(page, "Saved. Everything is off.");
  if (isScripted()) await expect(page.locator("#now :focus, #now:focus")).toHaveCount(1);
  const undo = page.getByRole("button", { name: buttons.undo });
  await tabTo(page, undo);
  await expectRing(undo);
  await page.keyboard.press("Space");
  await expectSaid(page, "Taken back.");
  await expectState(page, switches.offersEmail, "On");
});

for (const size of [
  { width: 1000, height: 700 },
  { width: 320, height: 640 },
]) {
  test(`nothing that has the focus is hidden at ${size.width} pixels`, async ({
    page,
    customer,
  }) => {
    await page.setViewportSize(size);
    await openLink(page, customer);
    await turnOff(page, switches.offersEmail, "Offers and new products by email");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const steps = await tabThrough(page);
    expect(steps.length).toBeGreaterThan(30);
    expect(steps.filter((step) => step.hidden)).toEqual([]);
  });
}
