// What a visitor does.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Customer } from "./customers.ts";
import { buttons } from "./names.ts";
import { readCode } from "./outbox.ts";
import type { Server } from "./server.ts";
import { isScripted } from "./test.ts";

/** Waits until the page's islands are alive, where there is a script to wake them. */
export async function expectAlive(page: Page): Promise<void> {
  if (isScripted()) await expect(page.locator("html[data-live=true]")).toBeAttached();
}

/** Follows a customer's personal link. */
export async function openLink(page: Page, customer: Customer): Promise<void> {
  await page.goto(customer.link);
  await expect(page).toHaveURL(/\/choices$/);
  await expectAlive(page);
}

/** Opens the choices page as somebody without a link, or again in the same visit. */
export async function openChoices(page: Page): Promise<void> {
  await page.goto("/choices");
  await expectAlive(page);
}

export async function reload(page: Page): Promise<void> {
  await page.reload();
  await expectAlive(page);
}

export function findSwitch(page: Page, name: string): Locator {
  return page.getByRole("switch", { name, exact: true });
}

/** A row of the page, with its label, its small print and its switch. */
export function findRow(page: Page, name: string): Locator {
  return page.locator(".row").filter({ has: findSwitch(page, name) });
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

/** Waits for the status line to say something. */
export async function expectSaid(page: Page, words: string | RegExp): Promise<void> {
  await expect(page.getByRole("status")).toContainText(words);
}

/** Expects a switch to be on or off, for eyes and for screen readers. */
export async function expectState(page: Page, name: string, state: "On" | "Off"): Promise<void> {
  const found = findSwitch(page, name);
  await expect(found).toBeChecked({ checked: state === "On" });
  await expect(found).toHaveText(state);
}

/** Every switch of the page, by the name that a screen reader says, with its state. */
export async function readSwitches(page: Page): Promise<Record<string, boolean>> {
  const snapshot = await page.getByRole("main").ariaSnapshot();
  const found = snapshot.matchAll(/- '?switch "(.+?)"( \[checked\])?/g);
  return Object.fromEntries([...found].map(([, name, checked]) => [name, Boolean(checked)]));
}

/** Turns a switch off and waits for the answer. */
export async function turnOff(page: Page, name: string, called: string): Promise<void> {
  await expectState(page, name, "On");
  await findSwitch(page, name).click();
  await expectSaid(page, `Saved. ${called} is off.`);
  await expectState(page, name, "Off");
}

export async function optOutOfEverything(page: Page): Promise<void> {
  await press(page, buttons.allOff);
  await expectSaid(page, "Saved. Everything is off.");
}

/** Types a code as somebody who pastes it, with the space that some mailboxes put in. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code", { exact: true }).focus();
  await page.keyboard.insertText(`${code.slice(0, 4)} ${code.slice(4)}`);
  await press(page, buttons.continue);
}

/** Asks for a code on the page that offers one, and enters what the mailbox holds. */
export async function proveIdentity(page: Page, server: Server, customer: Customer): Promise<void> {
  await press(page, buttons.sendCode);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Enter your code");
  await typeCode(page, await readCode(server, customer.email));
}

/** From a visit by link to a verified one, by the button below the history. */
export async function unlockHistory(page: Page, server: Server, customer: Customer): Promise<void> {
  await proveIdentity(page, server, customer);
  await expect(page.getByRole("link", { name: "Printable record" })).toBeVisible();
  await expectAlive(page);
}

/** Clicks a switch that is off, in a visit without a fresh code. */
export async function askToTurnOn(page: Page, name: string): Promise<void> {
  await findSwitch(page, name).click();
  await expect(page).toHaveURL(/\/code$/);
}

/** Goes the whole way from off to on. */
export async function turnOn(
  page: Page,
  server: Server,
  customer: Customer,
  name: string,
): Promise<void> {
  await askToTurnOn(page, name);
  await proveIdentity(page, server, customer);
  await expect(page).toHaveURL(/\/choices\/confirm$/);
  await press(page, buttons.turnOn);
  await expectAlive(page);
}

/** Switches the language of the page. */
export async function chooseLanguage(page: Page, tag: string): Promise<void> {
  const menu = page.locator("nav.languages");
  await menu.locator("summary").click();
  await menu.locator(`a[hreflang="${tag}"]`).click();
  await expect(page.locator("html")).toHaveAttribute("lang", tag);
}
