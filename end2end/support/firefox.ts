// Firefox as people have it, spoken to by WebDriver BiDi: Playwright drives only a build of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const binary = process.env.FIREFOX ?? "/usr/bin/firefox";

/** Whether it is installed here. */
export const isInstalled = existsSync(binary);

/** Whether a journey without it fails instead of being left out. */
export const isRequired = process.env.SAYSO_REQUIRE_FIREFOX === "1";

/** A node of a page, as the protocol writes it. */
interface Node {
  value: { nodeValue?: string; children?: Node[] };
}

/** A running Firefox with one tab. */
export interface Firefox {
  opens(url: string): Promise<void>;
  /** The text of each element that a selector finds; without running a script. */
  reads(selector: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts it with an empty profile that has these preferences. */
export async function startFirefox(preferences: Record<string, boolean>): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), "sayso-firefox-"));
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${value});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const options = ["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", profile];
  const child = spawn(binary, options, { stdio: ["ignore", "ignore", "pipe"] });
  const address = await listening(child.stderr!);
  const socket = new WebSocket(`${address}/session`);
  await once(socket, "open");
  let count = 0;
  const ask = (method: string, params: object) =>
    new Promise<any>((done, fail) => {
      const id = ++count;
      const hear = (message: Buffer) => {
        const answer = JSON.parse(message.toString());
        if (answer.id !== id) return;
        socket.off("message", hear);
        if (answer.type === "success") done(answer.result);
        else fail(new Error(`${method}: ${answer.message}`));
      };
      socket.on("message", hear);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await ask("session.new", { capabilities: {} });
  const { contexts } = await ask("browsingContext.getTree", {});
  const { context } = contexts[0];
  return {
    opens: (url) => ask("browsingContext.navigate", { context, url, wait: "complete" }),
    async reads(selector) {
      const locator = { type: "css", value: selector };
      const serializationOptions = { maxDomDepth: 10 };
      const found = { context, locator, serializationOptions };
      const { nodes } = await ask("browsingContext.locateNodes", found);
      return nodes.map(text);
    },
    async stop() {
      const gone = once(child, "exit");
      socket.close();
      child.kill();
      await gone;
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function text(node: Node): string {
  return (node.value.nodeValue ?? "") + (node.value.children ?? []).map(text).join("");
}

async function listening(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const address = line.match(/listening on (ws:\S+)/)?.[1];
    if (address) return address;
  }
  throw new Error("Firefox ended before it listened");
}
