// No violation of WCAG 2.2 AA that a machine can find, on any page, in any language, light and dark.

import { findViolations } from "../../support/axe.ts";
import { languages, switches } from "../../support/names.ts";
import { visitEveryPage } from "../../support/tour.ts";
import { openLink, turnOff } from "../../support/journey.ts";
import { expect, test } from "../../support/test.ts";

/** What alone depends on colours. */
const contrast = ["color-contrast", "link-in-text-block"];

for (const { tag, name } of languages) {
  test(`axe finds nothing on any page in ${name}`, async ({ page, server, customer, witness }) => {
    test.setTimeout(150_000);
    witness.expectMessage(/status of 4(04|22)/);
    // A colour on its way from one to another is neither.
    await page.emulateMedia({ reducedMotion: "reduce" });
    await visitEveryPage({ page, server, customer, tag }, async (room) => {
      await page.emulateMedia({ colorScheme: "light" });
      expect.soft(await findViolations(page), room).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect.soft(await findViolations(page, contrast), `${room}, dark`).toEqual([]);
    });
  });
}

test("axe finds nothing on paper and with more contrast", async ({ page, customer }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ media: "print", colorScheme, reducedMotion: "reduce" });
    expect.soft(await findViolations(page), `paper, ${colorScheme}`).toEqual([]);
    await page.emulateMedia({ media: null, contrast: "more", colorScheme });
    expect.soft(await findViolations(page), `contrast, ${colorScheme}`).toEqual([]);
  }
});

test("axe finds nothing with the menu of languages open", async ({ page, customer }) => {
  await openLink(page, customer);
  await page.locator("nav.languages summary").click();
  expect(await findViolations(page)).toEqual([]);
});
