import { languages } from "../support/names.ts";
import { chooseLanguage, expectAlive, openChoices, openLink } from "../support/journey.ts";
import { readCode } from "../support/outbox.ts";
import { expect, test } from "../support/test.ts";

for (const { tag, name, direction } of languages) {
  test(`the page speaks ${name} once it is chosen, and so do the next ones`, async ({
    page,
    customer,
  }) => {
    await openLink(page, customer);
    const english = await page.locator("h1").innerText();
    await chooseLanguage(page, tag);
    await expectAlive(page);
    const html = page.locator("html");
    await expect(html).toHaveAttribute("dir", direction);
    await expect(page.locator("nav.languages summary")).toContainText(name);
    const title = await page.locator("h1").innerText();
    expect(title === english).toBe(tag === "en");

    await page.locator("#message-offers-email").click();
    await expect(page.locator("#toast .undo")).toBeVisible();
    await expect(html).toHaveAttribute("lang", tag);
    await expect(page.locator("h1")).toHaveText(title);
    await page.goto("/code");
    await expect(html).toHaveAttribute("lang", tag);
    await openChoices(page);
    await expect(html).toHaveAttribute("lang", tag);
    await expect(page.locator("h1")).toHaveText(title);
  });
}

test("a code comes in the language of the page that asked", async ({ page, customer, server }) => {
  await openLink(page, customer);
  await chooseLanguage(page, "de");
  await expectAlive(page);
  await page.locator("#history button").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.locator("#code").fill(await readCode(server, customer.email));
  await page.locator('form[action^="/do/check-code"] button').click();
  await expect(page.locator("#history").getByRole("link").first()).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});

test("a visitor without a link is met in the browser's language", async ({
  browser,
  server,
  contextOptions,
}) => {
  for (const { tag } of languages) {
    const context = await browser.newContext({
      ...contextOptions,
      baseURL: server.url,
      locale: tag,
    });
    const page = await context.newPage();
    await page.goto("/choices");
    await expect(page.locator("html")).toHaveAttribute("lang", tag);
    await context.close();
  }
});
