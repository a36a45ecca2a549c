// Sees everything that happens behind a page, and speaks up at the end of the test.

import { expect, type BrowserContext, type Page, type Request } from "@playwright/test";

/** What a test may ask of its witness. */
export interface Witness {
  /** Every request so far. */
  requests: Request[];
  /** Tells the witness that a message will come, and why it may. */
  expectMessage(pattern: RegExp): void;
}

export interface Watch extends Witness {
  /** Fails if the page said, asked or kept anything that it should not. */
  testify(): Promise<void>;
}

export async function watch(context: BrowserContext, home: string): Promise<Watch> {
  const messages: string[] = [];
  const requests: Request[] = [];
  const expected: RegExp[] = [];
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error("policy violated:", event.violatedDirective, event.blockedURI);
    });
  });
  context.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
  context.on("weberror", (error) => messages.push(`error: ${error.error().message}`));
  context.on("request", (request) => requests.push(request));
  const testify = async () => {
    const unexpected = messages.filter((text) => !expected.some((pattern) => pattern.test(text)));
    expect.soft(unexpected, "messages in the console").toEqual([]);
    const elsewhere = requests
      .map((request) => request.url())
      .filter((url) => isElsewhere(url, home));
    expect.soft(elsewhere, "requests to other places").toEqual([]);
    for (const page of context.pages()) {
      expect.soft(await readStorage(page, home), "kept in the browser").toEqual([]);
    }
  };
  return { requests, testify, expectMessage: (pattern) => expected.push(pattern) };
}

function isElsewhere(url: string, home: string): boolean {
  return /^(https?|wss?):/.test(url) && new URL(url).origin !== new URL(home).origin;
}

/** What a page keeps where scripts can read it; its cookies are not among that. */
async function readStorage(page: Page, home: string): Promise<string[]> {
  if (!page.url().startsWith(home)) return [];
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return [
      ...Object.keys(localStorage),
      ...Object.keys(sessionStorage),
      ...databases.map((database) => database.name ?? ""),
      ...document.cookie.split("; ").filter(Boolean),
    ];
  });
}
