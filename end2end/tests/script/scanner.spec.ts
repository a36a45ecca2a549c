// Mail scanners, link previews, prefetching browsers and crawlers: whatever follows a link records
// nothing (a GET is safe, RFC 9110 §9.2.1; RFC 8058 §3.1 for the unsubscribe link).

import { openLink, turnOff } from "../../support/journey.ts";
import { printLetters } from "../../support/letters.ts";
import { switches } from "../../support/names.ts";
import { readLetters, readMessages } from "../../support/outbox.ts";
import { countEntries, type Server } from "../../support/server.ts";
import { expect, test, type Page } from "../../support/confirming.ts";

/** Pages that a crawl reads at most. */
const MOST = 150;

/** Everything that looks like an address of this server. */
function addresses(server: Server, text: string): string[] {
  const found = text.replaceAll("=\r\n", "").match(/https?:\/\/[^\s"'<>)]+/g) ?? [];
  return found.filter((address) => address.startsWith(server.url));
}

/** Follows links from page to page, as a crawler that keeps its cookies does. */
async function crawl(page: Page, server: Server, from: string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  const waiting = [...from];
  while (waiting.length > 0 && seen.size < MOST) {
    const address = waiting.shift()!;
    if (seen.has(address)) continue;
    seen.add(address);
    const answer = await page.request.get(address);
    if (!(answer.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    for (const [, target = ""] of (await answer.text()).matchAll(/(?:href|src|action)="([^"#]+)/g)) {
      const next = new URL(target.replaceAll("&amp;", "&"), answer.url()).href;
      if (next.startsWith(server.url)) waiting.push(next);
    }
  }
  return seen;
}

test("whoever only follows links records nothing, whatever the link and the method", async ({
  page,
  customer,
  server,
  browser,
}) => {
  test.setTimeout(120_000);
  await openLink(page, customer);
  await turnOff(page, switches.offersPost, "Offers and new products by post");
  await expect.poll(async () => (await readLetters(server, customer.email)).length).toBe(1);
  const letters = [
    ...(await readLetters(server, customer.email)),
    ...(await readMessages(server, customer.email)),
  ];
  const mailed = letters.flatMap((letter) => addresses(server, letter));
  const printed = (await printLetters(server, "scanner")).get(customer.token)!;
  const links = new Set([
    customer.link,
    `${server.url}/u/${customer.token}/offers/email`,
    printed.link,
    ...mailed,
    ...["/choices", "/go", "/form", "/kit", "/verify", "/record"].map((path) => server.url + path),
  ]);
  expect(links.size, "a confirmation has links of its own").toBeGreaterThan(9);
  expect(mailed.some((link) => link.includes("/undo/"))).toBe(true);
  const before = await countEntries(server);

  for (const link of links) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      for (const headers of [{}, { "sec-purpose": "prefetch;prerender", purpose: "prefetch" }]) {
        const strangers = await browser.newContext();
        const answer = await strangers.request.fetch(link, { method, headers });
        expect(answer.status(), `${method} ${link}`).toBeLessThan(500);
        await strangers.close();
      }
    }
  }
  expect(await countEntries(server), "fetched").toBe(before);

  const bare = await browser.newContext();
  for (const link of links) {
    const rendered = await bare.newPage();
    await rendered.goto(link);
    await rendered.waitForLoadState("networkidle");
    await rendered.close();
  }
  await bare.close();
  expect(await countEntries(server), "rendered").toBe(before);

  // With the customer's own visit open, which is as much as a crawler can have.
  const crawled = await crawl(page, server, [...links]);
  expect(crawled.size).toBeGreaterThan(links.size);
  expect(await countEntries(server), "crawled").toBe(before);
});
