// What can be measured on a page that a visitor sees.

import type { Locator, Page } from "@playwright/test";

/** Makes all text as large as somebody with weak eyes sets it. */
export async function setTextSize(page: Page, percent: number): Promise<void> {
  await page.evaluate((size) => (document.documentElement.style.fontSize = size), `${percent}%`);
}

/** What sticks out of the page to either side; text that may be scrolled in its own box does not. */
export async function findOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > wide ? ["the page scrolls sideways"] : [];
    for (const element of document.querySelectorAll("body *")) {
      if (element.closest(".scroll, .skip, .visually-hidden") || !element.checkVisibility())
        continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > wide + 1)) {
        found.push(`${element.tagName}.${element.className} ${left}…${right} of ${wide}`);
      }
    }
    return found;
  });
}

/** Text that a box cuts off. */
export async function findClippedText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const clips = (element: Element) => /hidden|clip/.test(getComputedStyle(element).overflow);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (texts.nextNode()) {
      const text = texts.currentNode;
      const parent = text.parentElement!;
      if (parent.closest(".scroll, .skip, .visually-hidden") || !parent.checkVisibility()) continue;
      range.selectNodeContents(text);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
      for (let around: Element | null = parent; around; around = around.parentElement) {
        if (!clips(around)) continue;
        const frame = around.getBoundingClientRect();
        const inside = (box: DOMRect) =>
          box.left >= frame.left - 1 &&
          box.right <= frame.right + 1 &&
          box.top >= frame.top - 1 &&
          box.bottom <= frame.bottom + 1;
        if (!boxes.every(inside)) found.push(`“${text.textContent}” in ${around.className}`);
      }
    }
    return found;
  });
}

/** Pairs of elements of a kind that lie on one another. */
export async function findOverlaps(page: Page, kind: string): Promise<string[]> {
  return page.evaluate((kind) => {
    const found: string[] = [];
    const seen = [...document.querySelectorAll(kind)].filter((element) =>
      element.checkVisibility(),
    );
    const boxes = seen.map((element) => ({
      element,
      text: element.textContent?.trim().slice(0, 40),
      box: element.getBoundingClientRect(),
    }));
    boxes.forEach((one, at) => {
      for (const two of boxes.slice(at + 1)) {
        const across =
          Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left);
        const down = Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top);
        if (one.element.contains(two.element)) continue;
        if (across > 1 && down > 1) found.push(`“${one.text}” and “${two.text}”`);
      }
    });
    return found;
  }, kind);
}

/** Targets that a finger may miss: no 24 by 24 pixels are theirs alone (WCAG 2.2 SC 2.5.8). */
export async function findSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const inSentence = (element: HTMLElement) => {
      const own = element.textContent?.trim().length ?? 0;
      const all = element.closest("p, li, small")?.textContent?.trim().length ?? 0;
      return getComputedStyle(element).display === "inline" && all > own + 12;
    };
    const kinds = "a[href], button, input:not([type=hidden]), summary";
    const targets = [...document.querySelectorAll<HTMLElement>(kinds)]
      .filter(
        (element) => element.checkVisibility() && !element.closest(".skip") && !inSentence(element),
      )
      .map((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const [wide, high] = [Math.max(width, 24), Math.max(height, 24)];
        // A target that is too small may have its 24 pixels in the space around it.
        const [x, y] = [left + width / 2 - wide / 2, top + height / 2 - high / 2];
        return { element, small: width < 24 || height < 24, box: new DOMRect(x, y, wide, high) };
      });
    const touch = (one: DOMRect, two: DOMRect) =>
      one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom;
    return targets
      .filter(({ small }) => small)
      .filter((one) => targets.some((two) => one !== two && touch(one.box, two.box)))
      .map(({ element, box }) => `“${element.textContent?.trim()}” at ${box.x}, ${box.y}`);
  });
}

/** What an element looks like, apart from its width, which its text gives it. */
export async function readLook(element: Locator): Promise<Record<string, string>> {
  return element.evaluate((found) => {
    const style = getComputedStyle(found);
    const names = [
      "fontFamily",
      "fontSize",
      "fontWeight",
      "fontStyle",
      "lineHeight",
      "letterSpacing",
      "textTransform",
      "textDecorationLine",
      "color",
      "backgroundColor",
      "backgroundImage",
      "borderColor",
      "borderStyle",
      "borderWidth",
      "borderRadius",
      "boxShadow",
      "padding",
      "opacity",
      "height",
      "cursor",
    ] as const;
    return Object.fromEntries(names.map((name) => [name, style[name]]));
  });
}
