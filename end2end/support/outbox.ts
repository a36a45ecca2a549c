// The customer's mailbox: a folder that the server writes messages into.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Server } from "./server.ts";

/** The codes sent to an address so far, oldest first. */
async function readCodes(server: Server, email: string): Promise<string[]> {
  const folder = join(server.data, "outbox");
  const names = await readdir(folder).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((name) => readFile(join(folder, name), "utf8"));
  const letters = (await Promise.all(texts)).filter((text) => text.startsWith(`To: ${email}\n`));
  return letters.flatMap((text) => text.match(/\b\d{8}\b/) ?? []);
}

/** Waits for the `count`th code sent to an address. */
export async function readCode(server: Server, email: string, count = 1): Promise<string> {
  let codes: string[] = [];
  const arrived = async () => (codes = await readCodes(server, email)).length;
  await expect.poll(arrived, { message: `a code for ${email}` }).toBe(count);
  return codes.at(-1)!;
}

/** How many codes were sent to an address. */
export async function countCodes(server: Server, email: string): Promise<number> {
  return (await readCodes(server, email)).length;
}
