// The page behind the link of a confirmation that takes changes back, in every language.

import { openLink, turnOff } from "../../support/journey.ts";
import { findViolations } from "../../support/axe.ts";
import { languages, switches } from "../../support/names.ts";
import { readLetters } from "../../support/outbox.ts";
import { expect, test } from "../../support/confirming.ts";

test("the page that takes changes back can be read by everyone", async ({
  page,
  customer,
  server,
}) => {
  test.setTimeout(120_000);
  await openLink(page, customer);
  await turnOff(page, switches.offersPost, "Offers and new products by post");
  await expect.poll(async () => (await readLetters(server, customer.email)).length).toBe(1);
  const [letter] = await readLetters(server, customer.email);
  await page.goto(letter!.match(/^https?:\S+\/undo\/\S+$/m)![0]);
  for (const { tag, direction } of languages) {
    for (const width of [320, 1280]) {
      await page.setViewportSize({ width, height: 700 });
      await page.goto(`/choices/undo?language=${tag}`);
      await expect(page.locator("html")).toHaveAttribute("dir", direction);
      await expect(page.locator('button[name="choice"]')).toHaveCount(1);
      const scrolls = () => document.documentElement.scrollWidth > window.innerWidth;
      expect.soft(await page.evaluate(scrolls), `${tag} at ${width}`).toBe(false);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        expect.soft(await findViolations(page), `${tag}, ${colorScheme}`).toEqual([]);
      }
      await page.screenshot({ path: test.info().outputPath(`undo-${tag}-${width}.png`) });
    }
  }
  await page.locator('button[name="choice"]').focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/choices$/);
});
