import { buttons, switches } from "../support/names.ts";
import { expectState, findSwitch, openLink, turnOff, unlockHistory } from "../support/journey.ts";
import { expect, test, type Locator } from "../support/test.ts";

function background(found: Locator): Promise<string> {
  return found.evaluate((element) => getComputedStyle(element).backgroundColor);
}

test("on paper there are states and no buttons", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(
    page.locator("button:not(.switch):visible, .wide:visible, .track:visible"),
  ).toHaveCount(0);
  await expect(page.locator(".toast, nav.languages, .skip").filter({ visible: true })).toHaveCount(
    0,
  );
  await expect(findSwitch(page, switches.offersEmail).locator(".state")).toBeVisible();
  await expectState(page, switches.adlane, "On");
  await expect(page.locator("body")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  await expect(page.locator("body")).toHaveCSS("color", "rgb(0, 0, 0)");
  const answer = page.locator(".card > details > p").first();
  await expect(answer, "what can be opened is open on paper").toBeVisible();
});

test("the record on paper is a table without buttons", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await unlockHistory(page, server, customer);
  await page.getByRole("link", { name: "Printable record" }).click();
  await expect(page.getByRole("table")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("button:visible, nav.languages:visible")).toHaveCount(0);
  await expect(page.getByRole("table")).toBeVisible();
});

test("a dark screen gets a dark page", async ({ page, customer }) => {
  await openLink(page, customer);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await background(page.locator("body"));
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("body")).not.toHaveCSS("background-color", light);
  await expect(page.locator("body")).toHaveCSS("background-color", "rgb(20, 22, 26)");
});

test("with forced colours a switch still shows its state", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  const off = findSwitch(page, switches.offersEmail).locator(".track");
  const on = findSwitch(page, switches.offersPost).locator(".track");
  for (const track of [off, on]) {
    await expect(track).toHaveCSS("border-top-style", "solid");
    await expect(track).not.toHaveCSS("border-top-color", /^rgba\(.*, 0\)$/);
    const knob = await track.evaluate(
      (found) => getComputedStyle(found, "::after").backgroundColor,
    );
    expect(knob, "the knob stands out").not.toBe(await background(track));
  }
  expect(await background(on)).not.toBe(await background(off));
  await expect(page.getByRole("button", { name: buttons.marketingOff })).toHaveCSS(
    "border-top-style",
    "solid",
  );
});

test("more contrast makes small print as dark as the rest", async ({ page, customer }) => {
  await openLink(page, customer);
  await page.emulateMedia({ contrast: "more" });
  const ink = await page.locator("body").evaluate((found) => getComputedStyle(found).color);
  await expect(page.locator(".row small").first()).toHaveCSS("color", ink);
  await expect(page.locator(".hint").first()).toHaveCSS("color", ink);
});

test("with reduced motion nothing moves", async ({ page, customer }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openLink(page, customer);
  const moving = await page.evaluate(() => {
    const seconds = (style: CSSStyleDeclaration) =>
      [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].map(
        parseFloat,
      );
    return [...document.querySelectorAll("*")].flatMap((element) =>
      [undefined, "::before", "::after"]
        .filter((part) => seconds(getComputedStyle(element, part)).some((time) => time > 0))
        .map((part) => `${element.className}${part ?? ""}`),
    );
  });
  expect(moving).toEqual([]);
});
