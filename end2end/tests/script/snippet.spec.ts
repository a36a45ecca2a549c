// The snippet on a page of the business's own.

import { createServer, type Server as Site } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test as base } from "@playwright/test";
import { countEntries, startServer, type Server } from "../../support/server.ts";

interface Scene {
  /** The portal. */
  server: Server;
  /** A page of the business, with the snippet and an icon of its own. */
  site: string;
}

const test = base.extend<{ scene: Scene }>({
  scene: async ({}, use) => {
    let portal = "";
    const site: Site = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html; charset=utf-8");
      answer.end(`<!doctype html><title>Shop</title><p>Shop
        <svg class="own" width="24" height="14"><rect width="24" height="14"/></svg></p>
        <footer><script src="${portal}/signal.js" async></script></footer>`);
    });
    await new Promise<void>((done) => site.listen(0, "localhost", done));
    const origin = `http://localhost:${(site.address() as AddressInfo).port}`;
    const server = await startServer({ more: ["--site", origin] });
    portal = server.url;
    await use({ server, site: origin });
    site.close();
    await server.stop();
  },
});

test("the link and its icon stand where the snippet stands", async ({ page, scene }) => {
  const before = await countEntries(scene.server);
  await page.goto(scene.site);
  const link = page.getByRole("link", { name: "Your Privacy Choices", exact: true });
  await expect(link).toHaveAttribute("href", `${scene.server.url}/choices`);
  await expect(page.locator("footer > a > svg")).toBeVisible();
  expect((await link.innerText()).trim()).toBe("Your Privacy Choices");
  const height = async (selector: string) => (await page.locator(selector).boundingBox())!.height;
  const ratio = (await height("footer > a > svg")) / (await height("svg.own"));
  expect(ratio).toBeGreaterThanOrEqual(0.8);
  expect(ratio).toBeLessThanOrEqual(1.25);
  expect(await countEntries(scene.server)).toBe(before);
  await link.click();
  await expect(page).toHaveURL(`${scene.server.url}/choices`);
});

test("a page tells of the signal once, and keeps nothing without it", async ({ page, scene }) => {
  const before = await countEntries(scene.server);
  await page.goto(scene.site);
  await expect(page.locator("footer > a")).toBeVisible();
  expect(await page.evaluate(() => document.cookie)).toBe("");
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "globalPrivacyControl", { value: true });
  });
  const told = page.waitForResponse(`${scene.server.url}/signal`);
  await page.goto(scene.site);
  expect((await told).status()).toBe(204);
  await expect
    .poll(() => page.evaluate(() => document.cookie))
    .toMatch(/sayso_browser=[0-9a-f-]{36}; sayso_told=1/);
  const written = await countEntries(scene.server);
  expect(written).toBeGreaterThan(before);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(scene.site);
  await expect(page.locator("footer > a")).toBeVisible();
  expect(asked).not.toContain("/signal");
  expect(await countEntries(scene.server)).toBe(written);
});
