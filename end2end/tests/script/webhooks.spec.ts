// A choice on its way to a system, verified by the official library of Standard Webhooks.

import { createHmac } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test as base } from "@playwright/test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { customersOf } from "../../support/customers.ts";
import { startReceiver, type Receiver } from "../../support/receiver.ts";
import { command, example, startServer, type Server } from "../../support/server.ts";

interface Parts {
  receiver: Receiver;
  /** A server whose register tells the mailer at the receiver. */
  server: Server;
}

const test = base.extend<Parts>({
  receiver: async ({}, use) => {
    const receiver = await startReceiver();
    await use(receiver);
    await receiver.stop();
  },
  server: async ({ receiver }, use) => {
    const register = await mkdtemp(join(tmpdir(), "sayso-register-"));
    const catalogue = await readFile(join(example, "catalogue.toml"), "utf8");
    const hook = "https://hooks.mailer.example/sayso";
    expect(catalogue).toContain(hook);
    await writeFile(join(register, "catalogue.toml"), catalogue.replace(hook, receiver.url));
    await copyFile(join(example, "customers.csv"), join(register, "customers.csv"));
    const server = await startServer({ register, more: ["--allow-network", "127.0.0.0/8"] });
    await use(server);
    await server.stop();
    await rm(register, { recursive: true });
  },
});

test("an opt-out reaches a system, the official library verifies it, and it is confirmed", async ({
  request,
  receiver,
  server,
}) => {
  // Without a secret nothing is told yet; what the customer file brought in is settled before.
  await command(server, "deliveries", "acknowledge", "--system", "mailer");
  const webhook = new Webhook((await command(server, "system", "secret", "mailer")).trim());
  const customer = await customersOf(server).next();
  const form = { "List-Unsubscribe": "One-Click" };
  const address = `${customer.link.replace("/c/", "/u/")}/offers/email`;
  expect((await request.post(address, { form, maxRedirects: 0 })).status()).toBe(200);

  await expect.poll(() => receiver.received.length).toBe(1);
  const { headers, body } = receiver.received[0]!;
  const { type, data } = webhook.verify(body, headers) as Message;
  expect(type).toBe("choice.changed");
  expect(data).toMatchObject({
    delivery: headers["webhook-id"],
    system: "mailer",
    target: "message:offers/email",
    act: "withdrawn",
    switches: { "message:offers/email": false },
  });
  const key = Buffer.from(await command(server, "system", "hash-key", "mailer"), "base64");
  const hash = createHmac("sha256", key).update(`email:${customer.email}`).digest("hex");
  expect(data.person.hashes.email).toEqual([hash]);
  expect(body, "nobody else can tell whom it is about").not.toContain(customer.email);

  const changed = body.replace(":false", ":true");
  expect(changed).not.toBe(body);
  expect(() => webhook.verify(changed, headers)).toThrow(WebhookVerificationError);
  const later = { ...headers, "webhook-timestamp": `${Number(headers["webhook-timestamp"]) + 1}` };
  expect(() => webhook.verify(body, later)).toThrow(WebhookVerificationError);

  const list = () => command(server, "deliveries", "list", "--from", String(data.position));
  const confirmed = new RegExp(`^${data.delivery} .* mailer acknowledged, due \\S+, confirmed `);
  await expect.poll(list).toMatch(confirmed);
  expect(receiver.received).toHaveLength(1);
});

interface Message {
  type: string;
  data: { delivery: string; position: number; person: { hashes: Record<string, string[]> } };
}
