// What axe finds on a page.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const everything = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds, in a line for each element: of WCAG 2.2 AA, or by these rules alone. */
export async function findViolations(page: Page, rules?: string[]): Promise<string[]> {
  // One document without frames: the old way needs no second page for each look.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(everything)).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.any[0]?.message ?? ""}`),
  );
}
