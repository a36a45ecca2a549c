import {
  findClippedText,
  findOverflow,
  findOverlaps,
  findSmallTargets,
  setTextSize,
} from "../support/measure.ts";
import { languages } from "../support/names.ts";
import { openLink } from "../support/journey.ts";
import { visitEveryPage } from "../support/tour.ts";
import { expect, test, type Page } from "../support/test.ts";

/** Narrow screens, and text at twice its size (WCAG 2.2 SC 1.4.4, 1.4.10). */
const settings = [
  { width: 320, percent: 100 },
  { width: 640, percent: 200 },
  { width: 320, percent: 200 },
];

async function expectRoom(page: Page, name: string): Promise<void> {
  for (const { width, percent } of settings) {
    const where = `${name} at ${width} pixels and ${percent} %`;
    await page.setViewportSize({ width, height: 640 });
    await setTextSize(page, percent);
    expect.soft(await findOverflow(page), where).toEqual([]);
    expect.soft(await findClippedText(page), where).toEqual([]);
    expect
      .soft(
        await findOverlaps(page, "main h1, main h2, main h3, main button, main label, main p"),
        where,
      )
      .toEqual([]);
  }
  await setTextSize(page, 100);
  expect.soft(await findSmallTargets(page), `targets of ${name}`).toEqual([]);
}

for (const { tag, name } of languages) {
  test(`every page in ${name} fits a narrow screen and large text`, async ({
    page,
    server,
    customer,
    witness,
  }) => {
    test.slow();
    witness.expectMessage(/status of 4(04|22)/);
    const help = new Set<string>();
    await visitEveryPage({ page, server, customer, tag }, async (room) => {
      await expectRoom(page, room);
      help.add(await page.locator("footer").innerText());
    });
    expect(help.size, "help stands in the same order on every page").toBe(1);
  });
}

test("Arabic runs from right to left", async ({ page, customer }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openLink(page, customer);
  await page.goto("/choices?language=ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  const left = async (found: string) => (await page.locator(found).first().boundingBox())!.x;
  const toggle = "#message-offers-email";
  expect(await left(".brand")).toBeGreaterThan(await left("nav.languages"));
  expect(await left(`label[for="message-offers-email"]`)).toBeGreaterThan(await left(toggle));
  expect(await left(`${toggle} .state`)).toBeGreaterThan(await left(`${toggle} .track`));
  await expect(page.locator("h1")).toHaveCSS("text-align", "start");
  await expect(page.locator(".object")).toHaveCSS("border-right-width", "4px");
  const address = page.locator(".who bdi");
  await expect(address).toHaveCSS("direction", "ltr");
});

test("the menu of languages fits wherever it opens", async ({ page }) => {
  await page.goto("/choices");
  await page.locator("nav.languages summary").click();
  for (const { width, percent } of settings) {
    await page.setViewportSize({ width, height: 640 });
    await setTextSize(page, percent);
    expect.soft(await findOverflow(page), `${width} pixels and ${percent} %`).toEqual([]);
  }
});

/** Expects something to be seen in full, without scrolling, on a small phone, in every language. */
async function expectInSight(page: Page, address: string, control: string): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const { tag } of languages) {
    await page.goto(`${address}?language=${tag}`);
    await expect(page.locator(control).first(), tag).toBeInViewport({ ratio: 1, timeout: 3_000 });
  }
}

test("a control is in sight where a personal link lands", async ({ page, customer }) => {
  await openLink(page, customer);
  await expectInSight(page, "/choices", 'button[name="off"]');
});

test("a control is in sight where a message's link lands", async ({ page, customer }) => {
  await expectInSight(page, `/u/${customer.token}/offers/email`, "main form button");
});

test("a control is in sight where somebody without a link lands", async ({ page }) => {
  await expectInSight(page, "/choices", "#contact");
});
