// Playwright's `test` with a server for each worker and a witness for each test.

import { test as base } from "@playwright/test";
import { customersOf, type Customer, type Customers } from "./customers.ts";
import { startServer, type Server } from "./server.ts";
import { watch, type Witness } from "./witness.ts";

export { expect, type Locator, type Page } from "@playwright/test";

interface ForTest {
  /** Somebody whom no other test disturbs. */
  customer: Customer;
  witness: Witness;
}

interface ForWorker {
  server: Server;
  customers: Customers;
}

export const test = base.extend<ForTest, ForWorker>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  customers: [async ({ server }, use) => use(customersOf(server)), { scope: "worker" }],
  baseURL: async ({ server }, use) => use(server.url),
  customer: async ({ customers }, use) => use(await customers.next()),
  witness: [
    // The page is asked for here so that it is still open when the witness speaks.
    async ({ context, page: _, server }, use, info) => {
      const { testify, ...witness } = await watch(context, server.url);
      await use(witness);
      if (info.status === info.expectedStatus) await testify();
    },
    { auto: true },
  ],
});

/** Whether this run has JavaScript. */
export function isScripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}
