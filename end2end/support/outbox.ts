// The customer's mailbox: a folder that the server writes messages into.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Server } from "./server.ts";

/** The files of one kind that hold a line, oldest first. */
async function readFiles(server: Server, kind: string, line: string): Promise<string[]> {
  const folder = join(server.data, "outbox");
  const names = await readdir(folder).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith(kind))
    .sort()
    .map((name) => readFile(join(folder, name), "utf8"));
  return (await Promise.all(texts)).filter((text) => text.split(/\r?\n/).includes(line));
}

/** The letters sent to an address so far as plain text, oldest first. */
export async function readLetters(server: Server, email: string): Promise<string[]> {
  return readFiles(server, ".txt", `To: ${email}`);
}

/** The same as mail programs get them. */
export async function readMessages(server: Server, email: string): Promise<string[]> {
  return readFiles(server, ".eml", `To: ${email}`);
}

/** The codes sent to an address so far, oldest first. */
async function readCodes(server: Server, email: string): Promise<string[]> {
  const letters = await readLetters(server, email);
  // A personal link stands in a confirmation, and never beside a code.
  const others = letters.filter((text) => !text.includes("/c/"));
  return others.flatMap((text) => text.match(/\b\d{8}\b/) ?? []);
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
