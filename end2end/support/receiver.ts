// A system that is told of choices by webhook.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A webhook as it came in. */
export interface Received {
  /** The headers that the signature needs, and no others. */
  headers: Record<string, string>;
  /** The body, byte for byte. */
  body: string;
}

/** Something that listens on loopback and says of every webhook that it obeys. */
export interface Receiver {
  url: string;
  received: Received[];
  stop(): Promise<void>;
}

const signed = ["webhook-id", "webhook-timestamp", "webhook-signature"];

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = Object.fromEntries(signed.map((name) => [name, String(request.headers[name])]));
    received.push({ headers, body: await text(request) });
    response.setHeader("content-type", "application/json").end('{"acknowledged":true}');
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}/sayso`, received, stop };
}
