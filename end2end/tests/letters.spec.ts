import { expectSaid, expectState, readSwitches, turnOff } from "../support/journey.ts";
import { printLetters } from "../support/letters.ts";
import { languages, switches } from "../support/names.ts";
import { expect, test } from "../support/test.ts";

test("somebody with a letter types its code and opts out", async ({ page, server, customer }) => {
  const letters = await printLetters(server, `typed-${test.info().workerIndex}-${test.info().retry}`);
  const { code } = letters.get(customer.token)!;
  await page.goto("/go");
  await page.getByLabel("Code from the letter").fill(` ${code.toLowerCase().replace("-", " ")} `);
  await page.getByRole("button", { name: "Open my choices" }).click();
  await expect(page).toHaveURL(/\/choices$/);
  await expect(page.locator(".who strong")).toHaveText(/•••/);
  await turnOff(page, switches.offersPost, "Offers and new products by post");
  await expectState(page, switches.offersPost, "Off");
});

test("somebody scans the QR code and is where their link leads", async ({
  page,
  server,
  customer,
}) => {
  const letters = await printLetters(server, `scanned-${test.info().workerIndex}-${test.info().retry}`);
  const { link, code } = letters.get(customer.token)!;
  await page.goto(customer.link);
  const before = await readSwitches(page);
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page).toHaveURL(`${server.url}/choices`);
  expect(await page.content()).not.toContain(code);
  expect(await readSwitches(page)).toEqual(before);
});

test("a code is typed, mended and sent by keyboard alone", async ({ page, server, customer, witness }) => {
  witness.expectMessage(/status of 422/);
  const letters = await printLetters(server, `keyboard-${test.info().workerIndex}-${test.info().retry}`);
  const { code } = letters.get(customer.token)!;
  const letter = code.replace("-", "");
  const wrong = (letter[0] === "7" ? "9" : "7") + letter.slice(1);
  await page.goto("/go");
  await page.getByLabel("Code from the letter").focus();
  await page.keyboard.type(wrong);
  await page.keyboard.press("Enter");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("One character is not right");
  await alert.getByRole("link").press("Enter");
  const field = page.getByLabel("Code from the letter");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(wrong);
  await page.keyboard.press("Home");
  await page.keyboard.press("Delete");
  await page.keyboard.type(letter[0]!);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/choices$/);
});

test("a code that opens nothing still lets somebody opt out", async ({ page }) => {
  await page.goto("/go");
  await page.getByLabel("Code from the letter").fill("0000-0000");
  await page.getByRole("button", { name: "Open my choices" }).click();
  await expect(page.getByRole("alert")).toContainText("This code opens nothing");
  const email = `letter-${test.info().project.name}@example.com`;
  await page.getByLabel("Your email address or phone number").fill(email);
  await page.getByRole("button", { name: "Opt out", exact: true }).click();
  await expectSaid(page, "From now on this holds for the address or number you entered");
});

test("somebody without a code finds the way out", async ({ page }) => {
  await page.goto("/go");
  await page.getByRole("link", { name: "No code at hand? Opt out without one" }).click();
  await expect(page.locator("#contact")).toBeInViewport();
});

for (const { tag, name } of languages) {
  test(`the form to post fits on one sheet in ${name}`, async ({ page }) => {
    await page.goto(`/form?language=${tag}`);
    for (const format of ["A4", "Letter"] as const) {
      const pdf = await page.pdf({ format, preferCSSPageSize: false });
      const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? [];
      expect(pages.length, format).toBe(1);
    }
    expect(await page.locator("input:checked").count()).toBe(0);
  });
}

test("a click on a snippet of the kit selects all of it", async ({ page }) => {
  await page.goto("/kit");
  await expect(page.getByText("Every link answers.")).toBeVisible();
  const snippet = page.locator("pre").filter({ hasText: "List-Unsubscribe-Post" }).first();
  await expect(snippet).toHaveCSS("user-select", "all");
  await expect(snippet).toContainText("List-Unsubscribe=One-Click");
  const icon = page.locator(".sample svg");
  const box = (await icon.boundingBox())!;
  const text = (await page.locator(".sample a").boundingBox())!;
  expect(box.height / text.height).toBeLessThan(1.25);
});
