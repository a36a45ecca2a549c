import { AxeBuilder } from "@axe-core/playwright";
import { languages } from "../../support/names.ts";
import { findClippedText, findOverflow, findOverlaps, findSmallTargets, setTextSize } from "../../support/measure.ts";
import { expect, test, type Page } from "../../support/test.ts";
const pages = ["/go", "/go?code=unknown", "mistake", "/form", "/script", "/kit"];
for (const { tag } of languages) {
  test(`tmp ${tag}`, async ({ page, witness }, info) => {
    test.setTimeout(240_000);
    witness.expectMessage(/status of 422/);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(`/go?language=${tag}`);
    for (const path of pages) {
      if (path === "mistake") { await page.goto("/go"); await page.locator("#code").fill("7K3M-P9XA"); await page.locator("main button").first().click(); }
      else await page.goto(path);
      const name = path.replace(/\W/g, "");
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [320, 1000]) {
          await page.setViewportSize({ width, height: 800 });
          await page.screenshot({ path: `/tmp/shots/${name}-${tag}-${colorScheme}-${width}.png`, fullPage: true });
        }
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]).analyze();
        expect.soft(violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id} ${n.html.slice(0,200)} ${n.any[0]?.message}`)), `${path} ${colorScheme}`).toEqual([]);
      }
      for (const { width, percent } of [{ width: 320, percent: 100 }, { width: 640, percent: 200 }, { width: 320, percent: 200 }]) {
        await page.setViewportSize({ width, height: 640 });
        await setTextSize(page, percent);
        const where = `${path} ${width} ${percent}`;
        expect.soft(await findOverflow(page), where).toEqual([]);
        expect.soft(await findClippedText(page), where).toEqual([]);
        expect.soft(await findOverlaps(page, "main h1, main h2, main h3, main button, main label, main p"), where).toEqual([]);
      }
      await setTextSize(page, 100);
      expect.soft(await findSmallTargets(page), `targets ${path}`).toEqual([]);
      if (path === "/form" || path === "/script") {
        for (const format of ["A4", "Letter"] as const) await page.pdf({ format, path: `/tmp/shots/${name}-${tag}-${format}.pdf`, printBackground: false });
      }
    }
  });
}
