import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noBrowser, openBrowser } from "../support/browser.ts";
import { openClient } from "../support/message-client.ts";
import { TOKEN } from "./dashboard-page.ts";
import { startStandalone, type Standalone } from "./standalone.ts";

/** Leads here, and is not a name of this machine. */
const OTHER_NAME = "admin.test";

let services: Standalone;
let browser: Browser;
/** Whatever the browser complained of. */
let complaints: string[];

beforeAll(async () => {
  if (noBrowser !== null) return;
  services = await startStandalone({ market: false });
  browser = await openBrowser(OTHER_NAME);
});

beforeEach(() => {
  complaints = [];
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await services?.stop();
});

async function open(host: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 1_600 } });
  page.on("console", (message) => {
    if (message.type() !== "log" && message.type() !== "info") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`);
  });
  await page.goto(`http://${host}:${services.adminPort}/docs`, { waitUntil: "networkidle" });
  await page.locator("#operations-messages-broadcast").waitFor();
  return page;
}

const padlocks = (page: Page) =>
  page
    .locator(".opblock")
    .evaluateAll((blocks) =>
      blocks.map((block) => [
        block.querySelector(".opblock-summary-method")?.textContent,
        block.querySelector(".authorization__btn") !== null,
      ]),
    );

describe.skipIf(noBrowser !== null)(
  `/docs in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  { timeout: 180_000 },
  () => {
    it.each([OTHER_NAME, "localhost", "127.0.0.1"])(
      "works over plain HTTP from %s, with no error",
      async (host) => {
        const page = await open(host);
        await page.locator(".opblock").nth(10).waitFor();
        expect(complaints).toEqual([]);
      },
    );

    it("draws a padlock at what needs the token of whoever looks, and at nothing else", async () => {
      const here = await padlocks(await open("localhost"));
      expect(here).toContainEqual(["POST", true]);
      expect(here).toContainEqual(["GET", false]);
      expect(here).not.toContainEqual(["POST", false]);
      expect(here).not.toContainEqual(["GET", true]);
      const elsewhere = await padlocks(await open(OTHER_NAME));
      expect(elsewhere.filter(([, locked]) => locked === false)).toHaveLength(3);
    });

    it("is enough to send a notification that reaches the user, from another name", async () => {
      const client = await openClient(`${services.gatewayUrl}?user_id=123`);
      await client.waitFor(({ type }) => type === "connected");
      const page = await open(OTHER_NAME);
      await page.locator(".btn.authorize").click();
      await page.locator(".auth-container input").fill(TOKEN);
      await page.locator(".auth-container .btn.authorize").click();
      await page.locator(".auth-container .btn-done").click();
      const operation = page.locator("#operations-messages-broadcast");
      await operation.locator(".opblock-summary-control").click();
      await operation.locator(".try-out__btn").click();
      await operation.locator(".execute").click();
      const answer = operation
        .locator(".live-responses-table .response-col_description .highlight-code code")
        .first();
      await answer.waitFor();
      const { topic, offset } = JSON.parse(await answer.innerText()) as { topic: string; offset: number };
      expect(await client.waitFor(({ type }) => type === "Notification")).toMatchObject({
        topic,
        offset,
        data: { user_id: "123" },
      });
      expect(complaints).toEqual([]);
      await client.close();
    });
  },
);
