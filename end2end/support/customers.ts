// The example's customers, each given to one test only.

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, example, mintLink, type Server } from "./server.ts";

/** A customer as a test knows them. */
export interface Customer {
  email: string;
  /** Their personal link. */
  link: string;
  /** The secret part of the link. */
  token: string;
}

/** Gives out customers whom no other test of this worker has. */
export interface Customers {
  /** An English-speaking adult for whom everything stands as the register has it. */
  next(): Promise<Customer>;
}

export function customersOf(server: Server): Customers {
  const waiting = ordinary();
  let imports = 0;
  const next = async () => {
    // The example has only so many; there are more tests.
    if (waiting.length === 0) waiting.push(...(await importMore(server, (imports += 1))));
    const email = waiting.shift()!;
    const link = await mintLink(server, email);
    return { email, link, token: link.split("/").at(-1)! };
  };
  return { next };
}

/** Loads customers of whom nothing is known but name, address and language. */
async function importMore(server: Server, round: number): Promise<string[]> {
  const emails = Array.from({ length: 50 }, (_, at) => `guest.${round}.${at}@example.net`);
  const rows = emails.map((email, at) => `G-${round}-${at},Guest,${email},,en,GB-ENG,,`);
  const file = join(server.data, `guests-${round}.csv`);
  const head = "customer_number,name,email,phone,language,region,birth_year,permissions";
  await writeFile(file, [head, ...rows, ""].join("\n"));
  await command(server, "people", "import", file);
  return emails;
}

/** Emails of adults who read English, share their address with nobody and never said no. */
function ordinary(): string[] {
  const [head = "", ...lines] = readFileSync(join(example, "customers.csv"), "utf8")
    .trim()
    .split("\n");
  const names = head.split(",");
  const people = lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
  });
  const alone = (email: string) => people.filter((person) => person.email === email).length === 1;
  return people
    .filter(({ email, language }) => email && language === "en" && alone(email))
    .filter(({ birth_year }) => !birth_year || Number(birth_year) < 2000)
    .filter(({ permissions }) => !/=no|offers|share:|profiling:/.test(permissions!))
    .map(({ email }) => email!);
}
