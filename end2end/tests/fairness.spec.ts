import { readLook } from "../support/measure.ts";
import { buttons, languages, switches } from "../support/names.ts";
import {
  askToTurnOn,
  expectSaid,
  expectState,
  findSwitch,
  openLink,
  optOutOfEverything,
  proveIdentity,
  readSwitches,
  typeCode,
} from "../support/journey.ts";
import { readCode } from "../support/outbox.ts";
import { expect, test, type Locator, type Page } from "../support/test.ts";

/** Counts what a visitor has to press. */
function counter() {
  let presses = 0;
  const click = async (found: Locator) => {
    presses += 1;
    await found.click();
  };
  return { click, count: () => presses };
}

test("getting out takes no more presses than getting in", async ({ page, customer, server }) => {
  await openLink(page, customer);
  const out = counter();
  await out.click(findSwitch(page, switches.adlane));
  await expectSaid(page, "is off.");
  const into = counter();
  await into.click(findSwitch(page, switches.adlane));
  await expect(page).toHaveURL(/\/code$/);
  await into.click(page.getByRole("button", { name: buttons.sendCode }));
  await page.getByLabel("Code", { exact: true }).fill(await readCode(server, customer.email));
  await into.click(page.getByRole("button", { name: buttons.continue }));
  await into.click(page.getByRole("button", { name: buttons.turnOn }));
  await expectState(page, switches.adlane, "On");
  expect(out.count()).toBe(1);
  expect(out.count()).toBeLessThanOrEqual(into.count());
});

test("getting out without a link takes no more presses than getting in", async ({
  page,
  customer,
  server,
}) => {
  await page.goto("/choices");
  const out = counter();
  await page.getByLabel("Your email address or phone number").fill(customer.email);
  await out.click(page.getByRole("button", { name: buttons.optOut }));
  await expectSaid(page, "Everything is off.");
  const into = counter();
  await into.click(page.getByRole("button", { name: buttons.sendCode }));
  await typeCode(page, await readCode(server, customer.email));
  await into.click(findSwitch(page, switches.adlane));
  await into.click(page.getByRole("button", { name: buttons.turnOn }));
  await expectState(page, switches.adlane, "On");
  expect(out.count()).toBeLessThanOrEqual(into.count());
});

/** Looks at two controls on light and on dark. */
async function expectEqualWeight(page: Page, one: Locator, two: Locator): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.mouse.move(0, 0);
    expect(await readLook(one)).toEqual(await readLook(two));
  }
}

test("yes and no look the same at the second step", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await askToTurnOn(page, switches.offersPhone);
  await proveIdentity(page, server, customer);
  const yes = page.getByRole("button", { name: buttons.turnOn });
  await expectEqualWeight(page, yes, page.getByRole("link", { name: buttons.keepOff }));
});

test("opting out looks the same as a pause, and as every narrower way out", async ({
  page,
  customer,
}) => {
  await openLink(page, customer);
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await expectEqualWeight(page, button(buttons.allOff), button("90 days"));
  await expectEqualWeight(page, button(buttons.allOff), button(buttons.marketingOff));
  await expectEqualWeight(page, button(buttons.allOff), button(buttons.sharingOff));
});

test("stopping one message looks the same as stopping all", async ({ page, customer }) => {
  await page.goto(`/u/${customer.token}/offers/email`);
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await expectEqualWeight(page, button("Stop this"), button("Stop all marketing"));
});

test("every switch has a name of its own that does not change with its state", async ({
  page,
  customer,
}) => {
  await openLink(page, customer);
  const before = await readSwitches(page);
  expect(Object.keys(before)).toHaveLength(await page.getByRole("switch").count());
  const named = await page.getByRole("switch").evaluateAll((found) =>
    found.map((element) =>
      (element.getAttribute("aria-labelledby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id))
        .every((label) => label?.checkVisibility() && label.getBoundingClientRect().width > 1),
    ),
  );
  expect(named, "each is named by text that can be seen").not.toContain(false);
  await optOutOfEverything(page);
  const after = Object.keys(await readSwitches(page));
  expect(Object.keys(before)).toEqual(expect.arrayContaining(after));
});

test("switches stand in groups with a name and say more when asked", async ({ page, customer }) => {
  await openLink(page, customer);
  const group = page.getByRole("group", { name: "Offers and new products" });
  await expect(group.getByRole("switch")).toHaveCount(4);
  const found = findSwitch(page, switches.adlane);
  await expect(found).toHaveAccessibleDescription(
    /Email address \(hashed\).*privacy@adlane\.example/,
  );
});

for (const { tag, name } of languages) {
  test(`the state of every switch can be read in ${name}`, async ({ page, customer }) => {
    await openLink(page, customer);
    await page.goto(`/choices?language=${tag}`);
    const shown = await page.getByRole("switch").evaluateAll((found) =>
      found.map((element) => {
        const { on, off } = (element as HTMLElement).dataset;
        const expected = element.getAttribute("aria-checked") === "true" ? on : off;
        const state = element.querySelector<HTMLElement>(".state")!;
        return { expected, said: state.innerText, seen: state.checkVisibility() };
      }),
    );
    expect(shown.length).toBeGreaterThan(20);
    for (const { expected, said, seen } of shown) {
      expect(said).toBe(expected);
      expect(seen).toBe(true);
    }
    expect(new Set(shown.map(({ said }) => said)).size).toBe(2);
  });
}

test("no yes is chosen in advance for somebody without a link", async ({ page }) => {
  await page.goto("/choices");
  await expect(page.locator("input[type=checkbox]")).toHaveCount(0);
  await expect(page.getByRole("radio", { checked: true })).toHaveCount(1);
  await expect(page.getByLabel("Everything: marketing and sharing")).toBeChecked();
});

test("what a law requires has its law and no switch", async ({ page, customer }) => {
  await openLink(page, customer);
  const list = page.getByRole("region", { name: "Sharing that continues whatever you choose" });
  await expect(list.getByRole("listitem").first()).toContainText("Law: ");
  await expect(list.getByRole("switch")).toHaveCount(0);
  await expect(list.getByRole("button")).toHaveCount(0);
});
