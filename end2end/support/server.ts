// One server with the example business, for one worker.

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
const home = resolve(import.meta.dirname, "..");
const binary = resolve(home, process.env.SAYSO_BIN ?? "../target/debug/sayso");
export const example = resolve(home, "../example");

/** A running server and the folder that it keeps everything in. */
export interface Server {
  url: string;
  data: string;
  stop(): Promise<void>;
}

/** What a server may be started with. */
export interface Setup {
  /** Folder with the register and the customers. */
  register?: string;
  /** More options of `sayso serve`. */
  more?: string[];
}

/** Starts a server on a free port with an empty store, and waits until it listens. */
export async function startServer({ register = example, more = [] }: Setup = {}): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), "sayso-end2end-"));
  const options = ["serve", "--example", register, "--port", "0", "--data", data, ...more];
  const child = spawn(binary, options, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (part) => (complaints += part));
  const url = await listening(child, () => complaints);
  const stop = async () => {
    await end(child);
    await rm(data, { recursive: true, force: true });
    if (/ERROR|panicked/.test(complaints)) throw new Error(`The server complained:\n${complaints}`);
  };
  return { url, data, stop };
}

/** What a command of `sayso` says, at the store of a server. */
export async function command(server: Server, ...words: string[]): Promise<string> {
  const options = [...words, "--data", server.data];
  const { stdout } = await run(binary, options, { env: environment() });
  return stdout;
}

/** A customer's personal link, as the business would print it. */
export async function mintLink(server: Server, email: string): Promise<string> {
  const stdout = await command(server, "link", email, "--base-url", server.url);
  const link = stdout.match(/https?:\S+\/c\/\S+/)?.[0];
  if (!link) throw new Error(`"sayso link" printed no link: ${stdout}`);
  return link;
}

/** How many entries the ledger has; its chain is checked on the way. */
export async function countEntries(server: Server): Promise<number> {
  const stdout = await command(server, "ledger", "verify");
  const count = stdout.match(/whole: (\d+) entr/)?.[1];
  if (!count) throw new Error(`"sayso ledger verify" counted nothing: ${stdout}`);
  return Number(count);
}

/** The settings of whoever runs the tests must not reach the server under test. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("SAYSO_")),
  );
}

async function listening(child: ChildProcess, complaints: () => string): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const failed = once(child, "exit").then(() => {
    throw new Error(`${binary} ended before it listened:\n${complaints()}`);
  });
  const heard = new Promise<string>((found) => {
    lines.on("line", (line) => {
      const url = line.match(/Listening on (\S+)/)?.[1];
      if (url) found(url);
    });
  });
  return Promise.race([heard, failed]);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(patience);
}
