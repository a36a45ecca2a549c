// A receipt is linked data: a processor of somebody else's understands every word of it.

import jsonld from "jsonld";
import { openLink, turnOff, unlockHistory } from "../../support/journey.ts";
import { switches } from "../../support/names.ts";
import { expect, test, type Page } from "../../support/test.ts";

type Json = Record<string, unknown>;

/** Expands a receipt; whatever the context does not know is an error ("safe"). */
async function expand(page: Page, receipt: Json): Promise<Json> {
  const address = receipt["@context"] as string;
  const context = (await (await page.request.get(address)).json()) as Json;
  const documentLoader = async (asked: string) => {
    expect(asked, "nothing else is asked for").toBe(address);
    return { contextUrl: undefined, document: context, documentUrl: asked };
  };
  const options = { documentLoader, safe: true } as jsonld.Options.Expand;
  const [expanded] = await jsonld.expand(receipt as jsonld.JsonLdDocument, options);
  return expanded as Json;
}

const dpv = (name: string) => `https://w3id.org/dpv#${name}`;

/** Counts members and list entries, which an expansion must not lose. */
function count(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + count(entry), 0);
  if (value === null || typeof value !== "object") return 1;
  return Object.values(value as Json).reduce<number>((sum, member) => sum + count(member), 0);
}

test("a JSON-LD processor leaves nothing of a receipt out", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await turnOff(page, switches.offersEmail, "Offers and new products by email");
  await page.locator('button[name="pause"][value="90"]').click();
  await expect(page.getByRole("status")).toContainText("paused");
  await unlockHistory(page, server, customer);
  const addresses = await page.locator('#history a[href^="/receipts/"]').evaluateAll((links) =>
    links.map((link) => link.getAttribute("href")!),
  );
  expect(addresses.length).toBeGreaterThanOrEqual(2);
  for (const address of addresses) {
    const answer = await page.request.get(`${address}/receipt.json`);
    const receipt = (await answer.json()) as Json;
    const expanded = await expand(page, receipt);
    expect(expanded["@type"]).toEqual([dpv("ConsentReceipt")]);
    const record = (expanded[dpv("hasRecordOfActivity")] as Json[])[0]!;
    for (const property of ["hasDataSubject", "hasNotice", "hasProcess", "hasEntity"]) {
      expect(record[dpv(property)], property).toBeTruthy();
    }
    for (const process of record[dpv("hasProcess")] as Json[]) {
      for (const property of [
        "hasPurpose",
        "hasPersonalData",
        "hasDataController",
        "hasStorageCondition",
        "hasJurisdiction",
        "hasRecipient",
        "hasConsentControl",
        "hasLegalBasis",
      ]) {
        expect(process[dpv(property)], property).toBeTruthy();
      }
      const event = (process["urn:x-sayso:receipt#event"] as Json[])[0]!;
      const states = (event[dpv("hasStatus")] as Json[]).map((state) => state["@id"]);
      expect(states.every((state) => String(state).startsWith("https://w3id.org/dpv#"))).toBe(true);
    }
    const { "@context": _, ...said } = receipt;
    expect(count(expanded)).toBeGreaterThanOrEqual(count(said) - digests(receipt));
    // A word that the context does not know would be told.
    await expect(expand(page, { ...receipt, nonsense: 1 })).rejects.toThrow();
  }
});

/** The digests are one JSON value to a processor, not statements. */
function digests(receipt: Json): number {
  return count((receipt["proof"] as Json)["digests"]);
}
