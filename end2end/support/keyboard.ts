// What somebody without a mouse does.

import { expect, type Locator, type Page } from "@playwright/test";

/** Presses Tab until an element has the focus. */
export async function tabTo(page: Page, element: Locator): Promise<void> {
  for (let steps = 0; steps < 150; steps += 1) {
    await page.keyboard.press("Tab");
    if (await element.evaluate((found) => found === document.activeElement)) return;
  }
  throw new Error("The keyboard does not get there.");
}

/** Expects a ring around what has the focus. */
export async function expectRing(element: Locator): Promise<void> {
  await expect(element).toBeFocused();
  await expect(element).not.toHaveCSS("outline-style", "none");
  const width = await element.evaluate((found) => getComputedStyle(found).outlineWidth);
  expect(parseFloat(width)).toBeGreaterThanOrEqual(2);
}

/** Where the focus is after a step. */
export interface Step {
  name: string;
  /** Whether nothing of it can be seen. */
  hidden: boolean;
}

/** Tabs through the whole page. */
export async function tabThrough(page: Page): Promise<Step[]> {
  const steps: Step[] = [];
  while (steps.length < 200) {
    await page.keyboard.press("Tab");
    const step = await page.evaluate(readFocus);
    if (!step || (steps[0] && step.name === steps[0].name)) break;
    steps.push(step);
  }
  return steps;
}

/** Runs in the page. An element is seen if any of five points in it belongs to it. */
function readFocus(): Step | null {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const { left, right, top, bottom, width, height } = focused.getBoundingClientRect();
  const points = [
    [left + width / 2, top + height / 2],
    [left + 2, top + 2],
    [right - 2, top + 2],
    [left + 2, bottom - 2],
    [right - 2, bottom - 2],
  ];
  const isSeen = ([x, y]: number[]) => focused.contains(document.elementFromPoint(x!, y!));
  const name = `${focused.id} ${focused.textContent?.trim().slice(0, 40)} ${Math.round(left)}`;
  return { name, hidden: !points.some(isSeen) };
}
