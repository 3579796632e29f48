import { once } from "node:events";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { noBrowser, openBrowser, violations } from "../support/browser.ts";
import { openPage, settled, tile, TOKEN } from "./dashboard-page.ts";
import { startStandalone, type Standalone } from "./standalone.ts";

let services: Standalone;
let browser: Browser;

beforeAll(async () => {
  if (noBrowser !== null) return;
  services = await startStandalone({ market: true });
  browser = await openBrowser();
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await services?.stop();
});

const open = (path: string, options: Parameters<typeof openPage>[2] = {}) =>
  openPage(browser, services.address + path, options);

describe.skipIf(noBrowser !== null)(
  `the dashboard in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  { timeout: 180_000 },
  () => {
    it("shows the market as it moves, sorts and searches it, and a coin of it", async () => {
      const { page, errors } = await open("/market");
      const rows = page.locator("tbody tr");
      await rows.first().waitFor();
      const before = await rows.allInnerTexts();
      await eventually(async () => expect(await rows.allInnerTexts()).not.toEqual(before));

      const trades = async (): Promise<readonly number[]> =>
        (await page.locator("tbody tr td:nth-child(5)").allInnerTexts()).map((text) =>
          Number(text.replaceAll(",", "")),
        );
      await page.getByRole("button", { name: "Trades 24 h" }).click();
      await eventually(async () => {
        const sorted = await trades();
        expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
      });

      const link = rows.first().getByRole("link");
      const mint = (await link.getAttribute("title")) ?? "";
      await page.getByRole("searchbox").fill(mint.slice(0, 20));
      await eventually(async () => expect(await rows.count()).toBe(1));
      await link.click();
      await page
        .getByRole("table")
        .getByText(/buy|sell/)
        .first()
        .waitFor();
      expect(new URL(page.url()).pathname).toBe(`/market/${mint}`);
      await settled(page);
      expect(await violations(page)).toEqual([]);

      await page.reload();
      await page.locator(".u-over").waitFor();
      expect(errors).toEqual([]);
    });

    it("publishes, says where, and shows it in the topic's tail, which can be paused and filtered", async () => {
      const { page: tail, errors } = await open("/topics/user%3Aann");
      await tail.getByText("The topic keeps no message").waitFor();
      const { page } = await open("/publish", { withToken: true });
      await page.getByLabel("To", { exact: true }).selectOption("user_id");
      await page.getByLabel("A user").fill("ann");
      await page.locator("[name='data.title']").fill("Hello Ann");
      await page.locator("[name='data.message']").fill("From the dashboard");
      await page.locator("[name='data.notification_type']").fill("info");
      await page.getByRole("button", { name: "Publish…" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await page.getByText("Subscribers get it now").count()).toBe(0);
      await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
      await page.getByText("Subscribers get it now").waitFor();
      expect(await page.locator(".facts dd").first().innerText()).toBe("user:ann");
      expect(await violations(page)).toEqual([]);

      await tail.getByText("Hello Ann").waitFor();
      await tail.getByRole("searchbox").fill("nobody");
      await tail.getByText("No message fits the filter").waitFor();
      await tail.getByRole("searchbox").fill("hello ann");
      await tail.locator("summary").click();
      await tail.getByRole("button", { name: "Copy" }).waitFor();
      expect(await violations(tail)).toEqual([]);
      expect(errors).toEqual([]);
    });

    it("stops the tail of a topic while it is paused", async () => {
      const { page } = await open("/topics/transactions");
      await page.locator(".messages li").first().waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      const first = await page.locator(".messages li").first().innerText();
      await page.getByRole("button", { name: /Resume, [1-9]/ }).waitFor();
      expect(await page.locator(".messages li").first().innerText()).toBe(first);
      await page.getByRole("button", { name: /Resume/ }).click();
      await eventually(async () =>
        expect(await page.locator(".messages li").first().innerText()).not.toBe(first),
      );
    });

    it("finds a connection by its user, address and topic, tells of it, and disconnects it", async () => {
      const client = new WebSocket(`${services.gatewayUrl}?user_id=bob&subscriptions=notifications`);
      const closed = once(client, "close");
      await once(client, "open");
      const { page, errors } = await open("/connections", { withToken: true });
      const rows = page.locator("tbody tr");
      await eventually(async () => expect(await rows.count()).toBeGreaterThan(1));
      const search = async (label: string, text: string): Promise<void> => {
        await page.getByLabel(label, { exact: true }).fill(text);
        await page.keyboard.press("Enter");
      };
      await search("User", "bob");
      await eventually(async () => expect(await rows.count()).toBe(1));
      const address = await rows.locator("td").nth(2).innerText();
      await search("Address", "203.0.113.");
      await page.getByText("No connection fits").waitFor();
      await search("Address", address);
      await search("Topic", "notifications");
      await eventually(async () => expect(await rows.count()).toBe(1));
      expect(new URL(page.url()).searchParams.get("user_id")).toBe("bob");

      await page.reload();
      await rows.locator("th button").click();
      await page.getByRole("dialog").getByRole("link", { name: "notifications" }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Disconnect…" }).click();
      await page
        .getByRole("dialog", { name: /Disconnect connection/ })
        .getByRole("button", { name: "Disconnect" })
        .click();
      expect((await closed)[0]).toBe(3503);
      await page.getByText("Closed 1 connection.").waitFor();
      await page.getByRole("dialog").getByText("No gateway has connection").waitFor();
      expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
    });

    it("shows who was disconnected, why and by whom, and leads to what is left of them", async () => {
      const clients = ["eve", "eve"].map((user) => new WebSocket(`${services.gatewayUrl}?user_id=${user}`));
      await Promise.all(clients.map((client) => once(client, "open")));
      const { page, errors } = await open("/");
      clients[0]?.close(4000, "gone fishing");
      const row = page
        .getByRole("group", { name: "Last closed connections" })
        .locator("tr", { hasText: "gone fishing" });
      await row.waitFor();
      expect(await row.innerText()).toMatch(
        /4000\s+The client left, with a code of its own “gone fishing”\s+eve/,
      );
      expect(await violations(page)).toEqual([]);
      await row.getByRole("link", { name: "eve" }).click();
      await eventually(async () => expect(await page.locator("tbody tr").count()).toBe(1));
      expect(await page.getByLabel("User").inputValue()).toBe("eve");
      expect(errors).toEqual([]);
      clients[1]?.terminate();
    });

    it("counts connections and messages", async () => {
      await open("/market");
      const { page } = await open("/");
      await eventually(async () =>
        expect(Number(await tile(page, "Connections").innerText())).toBeGreaterThan(0),
      );
      await eventually(async () =>
        expect(parseFloat(await tile(page, "Messages out").innerText())).toBeGreaterThan(0),
      );
    });

    it("asks before it changes something, and for the token, which no other tab sees", async () => {
      const { page } = await open("/");
      const drain = page.getByRole("button", { name: "Drain server-1" });
      await drain.click();
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await drain.click();
      await page.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
      const token = page.getByRole("dialog").getByLabel("Token");
      await token.fill("a-wrong-token-0123456789");
      await page.keyboard.press("Enter");
      await page.getByText("the one that was sent is wrong").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Token…" }).click();
      await token.fill(TOKEN);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Forget token" }).waitFor();
      expect(await page.evaluate("Object.keys(localStorage).length")).toBe(0);
      const other = await page.context().newPage();
      await other.goto(services.address);
      await other.getByRole("button", { name: "Token…" }).waitFor();
    });
  },
);
