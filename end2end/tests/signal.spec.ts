import { GppModel } from "@iabgpp/cmpapi";
import { switches } from "../support/names.ts";
import {
  expectState,
  findSwitch,
  openChoices,
  openLink,
  proveIdentity,
  turnOff,
  turnOn,
} from "../support/journey.ts";
import { countEntries } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const honored = "Opt-Out Request Honored";

test.describe("with Global Privacy Control", () => {
  test.use({ extraHTTPHeaders: { "Sec-GPC": "1" } });

  test("a customer's sale and sharing is off without any step", async ({ page, customer, server }) => {
    const before = await countEntries(server);
    await openLink(page, customer);
    await expect(page.getByRole("heading", { name: honored })).toBeVisible();
    await expect(page.locator("#signal-control")).toHaveText("Sale and sharing of your data: Off");
    await expectState(page, switches.adlane, "Off");
    await expectState(page, switches.tallyhouse, "On");
    await expectState(page, switches.offersEmail, "On");
    await expect(page.locator(".row").filter({ has: findSwitch(page, switches.adlane) })).toContainText(
      "because your browser asks for it",
    );
    const written = await countEntries(server);
    expect(written).toBeGreaterThan(before);
    await page.reload();
    await openChoices(page);
    expect(await countEntries(server)).toBe(written);
  });

  test("a stranger's browser is heard, and keeps a cookie for it", async ({ page, context }) => {
    await openChoices(page);
    await expect(page.getByRole("heading", { name: honored })).toBeVisible();
    const cookies = await context.cookies();
    const profile = cookies.find((cookie) => cookie.name === "__Host-browser");
    expect(profile).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
  });

  test("what a customer allows afterwards holds, and the page says so", async ({
    page,
    customer,
    server,
  }) => {
    await openLink(page, customer);
    await turnOn(page, server, customer, switches.adlane);
    await expectState(page, switches.adlane, "On");
    await expect(page.locator("#signal-conflict")).toContainText("still asks for the opposite");
    await page.reload();
    await expectState(page, switches.adlane, "On");
    await turnOff(page, switches.adlane, "Advertising: Adlane GmbH");
  });

  test("the record holds a GPP string that the IAB's own library reads", async ({
    page,
    customer,
    server,
  }) => {
    await openLink(page, customer);
    await proveIdentity(page, server, customer);
    await page.goto("/record");
    const text = await page.locator("code").innerText();
    const model = new GppModel(text);
    expect(model.getSectionIds()).toEqual([7]);
    const field = (name: string) => model.getFieldValue("usnat", name);
    expect(field("Version")).toBe(2);
    for (const name of ["SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"]) {
      expect(field(name), name).toBe(1);
      expect(field(`${name}Notice`), name).toBe(1);
    }
    expect(field("Gpc")).toBe(true);
    expect(field("MspaCoveredTransaction")).toBe(2);
    expect(model.encode()).toBe(text);
  });
});

test("without it nothing is said and nothing is kept", async ({ page, context, customer }) => {
  await openLink(page, customer);
  await expect(page.getByRole("heading", { name: honored })).toHaveCount(0);
  await expectState(page, switches.adlane, "On");
  const names = (await context.cookies()).map((cookie) => cookie.name);
  expect(names).not.toContain("__Host-browser");
  await expect(page.getByText("How we handle signals from your browser")).toBeVisible();
});
