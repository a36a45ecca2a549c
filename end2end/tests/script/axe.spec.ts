// No violation of WCAG 2.2 AA that a machine can find, on any page, in any language, light and dark.

import { AxeBuilder } from "@axe-core/playwright";
import { languages } from "../../support/names.ts";
import { visitEveryPage } from "../../support/tour.ts";
import { openLink, turnOff } from "../../support/journey.ts";
import { switches } from "../../support/names.ts";
import { expect, test, type Page } from "../../support/test.ts";

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds, in a line for each element. */
async function findViolations(page: Page): Promise<string[]> {
  // One document without frames: the old way needs no second page for each look.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(rules).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.any[0]?.message ?? ""}`),
  );
}

for (const { tag, name } of languages) {
  test(`axe finds nothing on any page in ${name}`, async ({ page, server, customer, witness }) => {
    test.setTimeout(150_000);
    witness.expectMessage(/status of 4(04|22)/);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await visitEveryPage({ page, server, customer, tag }, async (room) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        expect.soft(await findViolations(page), `${room}, ${colorScheme}`).toEqual([]);
      }
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
