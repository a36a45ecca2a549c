// A walk through every page, in any language.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Customer } from "./customers.ts";
import { expectAlive } from "./journey.ts";
import { readCode } from "./outbox.ts";
import type { Server } from "./server.ts";

/** Who walks, and in which language. */
export interface Tour {
  page: Page;
  server: Server;
  customer: Customer;
  tag: string;
}

/** What is done on each page, with the page's name. */
export type Look = (name: string) => Promise<void>;

/** The button of the form that posts to an address. */
function submitOf(page: Page, address: string): Locator {
  return page.locator(`form[action^="${address}?"] button`).first();
}

/** Shows every page once, in one customer's visit. */
export async function visitEveryPage(tour: Tour, look: Look): Promise<void> {
  await visitAsStranger(tour, look);
  await visitByLink(tour, look);
  await visitVerified(tour, look);
}

async function visitAsStranger({ page, customer, tag }: Tour, look: Look): Promise<void> {
  await page.goto(`/choices?language=${tag}`);
  await expect(page.locator("html")).toHaveAttribute("lang", tag);
  await expectAlive(page);
  await look("practice");
  await submitOf(page, "/do/opt-out").click();
  await expect(page.locator("#contact-error")).toBeVisible();
  await expectAlive(page);
  await look("practice with a mistake");
  await page.goto("/code");
  await look("code, asked by a stranger");
  await page.goto(`/c/${"x".repeat(22)}`);
  await look("a link that is not known");
  await page.goto(`/u/${customer.token}/offers/email`);
  await look("one message's page");
  await page.goto("/notices/1");
  await look("notice");
  await page.goto("/verify");
  await look("checking a receipt");
  await page.locator("form[action^='/verify'] button").click();
  await expect(page.locator("#receipt-error")).toBeVisible();
  await look("checking a receipt, with a mistake");
  await page.goto("/nowhere");
  await look("nowhere");
  await visitWithLetter({ page, tag }, look);
}

async function visitWithLetter({ page, tag }: Pick<Tour, "page" | "tag">, look: Look) {
  await page.goto(`/go?language=${tag}`);
  await look("code from a letter");
  await page.locator("#code").fill("1234");
  await submitOf(page, "/do/go").click();
  await expect(page.locator("#code-error")).toBeVisible();
  await look("code from a letter, with a mistake");
  await page.goto("/go?code=unknown");
  await look("code from a letter that opens nothing");
  await page.goto("/form");
  await look("form to post");
  await page.goto("/script");
  await look("script for the phone");
  await page.goto("/kit");
  await look("link kit");
}

async function visitByLink({ page, customer }: Tour, look: Look): Promise<void> {
  await page.goto(customer.link);
  await expectAlive(page);
  await openDetails(page);
  await look("choices by link");
  await page.locator("#message-offers-email").click();
  await expect(page.locator("#toast .undo")).toBeVisible();
  await look("choices after a change");
  await page.locator('#toast a[href^="/receipts/"]').click();
  await expect(page.locator("article.receipt")).toBeVisible();
  await look("receipt");
  const check = await page.locator('.unprinted a[href*="/verify?"]').getAttribute("href");
  await page.goto(check!);
  await expect(page.locator("#verdict")).toBeVisible();
  await look("a genuine receipt");
  await page.goto("/choices");
  await expectAlive(page);
  await page.locator('button[name="pause"][value="90"]').click();
  await expect(page.locator('button[name="on"][value="marketing"]')).toBeVisible();
  await look("choices in a pause");
}

async function visitVerified({ page, server, customer }: Tour, look: Look): Promise<void> {
  await page.goto("/code");
  await look("code, asked by link");
  await submitOf(page, "/do/send-code").click();
  await expect(page.locator("#code")).toBeVisible();
  await look("code, to be entered");
  await submitOf(page, "/do/check-code").click();
  await expect(page.locator("#code-error")).toBeVisible();
  await look("code, with a mistake");
  await page.locator("#code").fill(await readCode(server, customer.email));
  await submitOf(page, "/do/check-code").click();
  await expect(page.locator("#history .trail")).toBeVisible();
  await expectAlive(page);
  await look("choices with the history");
  await page.locator("#message-offers-phone").click();
  await expect(page).toHaveURL(/\/choices\/confirm$/);
  await look("confirm");
  await page.goto("/record");
  await look("record");
}

/** Opens everything that can be opened, so that nothing is left unseen. */
export async function openDetails(page: Page): Promise<void> {
  const closed = page.locator("main details:not([open]) > summary");
  while ((await closed.count()) > 0) await closed.first().click();
}
