// Letters, as the business has them printed.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { command, type Server } from "./server.ts";

/** What stands in one customer's letter. */
export interface Letter {
  /** The code, in two groups of four. */
  code: string;
  /** Where the QR code leads. */
  link: string;
}

/** Makes a mailing for everybody; each test has one of its own. By the token of their personal link. */
export async function printLetters(server: Server, mailing: string): Promise<Map<string, Letter>> {
  const out = join(server.data, `${mailing}.csv`);
  const at = ["--mailing", mailing, "--base-url", server.url];
  await command(server, "links", "export", "--out", out, ...at);
  const [head = "", ...lines] = (await readFile(out, "utf8")).trim().split("\n");
  const names = head.split(",");
  const cell = (line: string, name: string) => line.split(",")[names.indexOf(name)] ?? "";
  const entry = (line: string): [string, Letter] => [
    cell(line, "link").split("/c/")[1] ?? "",
    { code: cell(line, "short_code"), link: cell(line, "short_link") },
  ];
  return new Map(lines.map(entry));
}
