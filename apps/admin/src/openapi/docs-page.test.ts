import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestApp, TOKEN, type TestApp } from "../testing/app.ts";

const CHROMIUM = "/usr/bin/chromium";
const missing = existsSync(CHROMIUM) ? null : `needs ${CHROMIUM}, a real browser`;
/** Leads here, and is not a name of this machine. */
const OTHER_NAME = "admin.test";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${OTHER_NAME} 127.0.0.1`,
];

let test: TestApp;
let browser: BrowserContext;
let profile: string;
let port: number;
/** Whatever the browser complained of. */
let complaints: string[];

async function open(host: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() !== "log" && message.type() !== "info") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`);
  });
  await page.goto(`http://${host}:${port}/docs`, { waitUntil: "networkidle" });
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

describe.skipIf(missing !== null)(`/docs in Chromium${missing === null ? "" : ` (${missing})`}`, () => {
  beforeEach(async () => {
    complaints = [];
    test = await createTestApp();
    await test.app.listen({ port: 0, host: "127.0.0.1" });
    const address = test.app.server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
    profile = mkdtempSync(join(tmpdir(), "commcoin-chromium-"));
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
      viewport: { width: 1_200, height: 1_600 },
    });
  });
  afterEach(async () => {
    await browser.close();
    await test.app.close();
    rmSync(profile, { recursive: true, force: true });
  });

  it.each([OTHER_NAME, "localhost", "127.0.0.1"])(
    "works over plain HTTP from %s, with no error",
    async (host) => {
      const page = await open(host);
      expect(await page.locator(".opblock").count()).toBeGreaterThan(10);
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

  it("is enough to send a notification to a user, from another name", async () => {
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
    expect(JSON.parse(await answer.innerText())).toMatchObject({ topic: "user:123", offset: 1 });
    const history = await test.broker.history("user:123", { last: 1 });
    expect(JSON.parse(String(history.deliveries[0]?.frame))).toMatchObject({
      type: "Notification",
      data: { user_id: "123" },
    });
    expect(complaints).toEqual([]);
  });
});
