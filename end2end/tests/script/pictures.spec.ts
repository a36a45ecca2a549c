// Pictures of the choices page, for people to look at; nothing is compared.

import { expectAlive, openLink } from "../../support/journey.ts";
import { test } from "../../support/test.ts";

const looks = [
  { tag: "en", colorScheme: "light" },
  { tag: "ar", colorScheme: "light" },
  { tag: "zh-Hans", colorScheme: "light" },
  { tag: "en", colorScheme: "dark" },
] as const;

for (const { width, height } of [
  { width: 390, height: 844 },
  { width: 1000, height: 800 },
]) {
  test(`the choices page at ${width} pixels`, async ({ page, customer }, info) => {
    test.slow();
    await page.setViewportSize({ width, height });
    await openLink(page, customer);
    for (const { tag, colorScheme } of looks) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`/choices?language=${tag}`);
      await expectAlive(page);
      for (const fullPage of [false, true]) {
        const name = `${tag}-${colorScheme}-${width}${fullPage ? "-whole" : ""}.png`;
        await page.screenshot({ path: info.outputPath(name), fullPage });
      }
    }
  });
}
