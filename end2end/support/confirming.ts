// Playwright's `test` with a server that confirms choices as soon as they are made.

import { startServer, type Server } from "./server.ts";
import { test as base } from "./test.ts";

export { expect, type Page } from "./test.ts";

export const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await startServer({ more: ["--confirmation-minutes", "0"] });
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});
