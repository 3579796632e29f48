import { once } from "node:events";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { killAll, startProcess } from "../support/service-process.ts";
import { noBrowser, openBrowser, violations, watchErrors } from "./browser.ts";
import { buildDashboard } from "./build.ts";
import { freePort } from "../support/free-port.ts";

const TOKEN = "a-token-for-tests-0123456789";
const WIDTHS = [390, 1440];

let localnet: Localnet;
let browser: Browser;
let address: string;
let env: Readonly<Record<string, string>>;

const start = async (): Promise<void> => {
  const service = startProcess("apps/standalone/src/main.ts", env);
  await service.says(({ module, port }) => module === "websocket" && typeof port === "number");
};

beforeAll(async () => {
  if (noBrowser !== null) return;
  await buildDashboard();
  localnet = await createLocalnet({
    httpPort: 0,
    wsPort: 0,
    slotMs: 100,
    market: { transactionsPerSecond: 20 },
  });
  const port = await freePort();
  address = `http://localhost:${port}`;
  env = {
    MESSAGE_BROKER_ENABLED: "false",
    SERVER_ID: "server-1",
    ADMIN_TOKEN: TOKEN,
    WEBSOCKET_PORT: String(await freePort()),
    ADMIN_PORT: String(port),
    LISTENER_PORT: "0",
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
  };
  await start();
  browser = await openBrowser();
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await killAll();
  await localnet?.stop();
});

interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
}

async function open(path: string, options: { width?: number; dark?: boolean } = {}): Promise<Opened> {
  const { width = 1_440, dark = false } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  const errors = watchErrors(page);
  await page.goto(address + path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, errors };
}

const tile = (page: Page, label: string) =>
  page.locator(".tile", { has: page.getByText(label, { exact: true }) }).locator("dd");

/** A view at rest: what was asked for is there. */
const settled = async (page: Page): Promise<void> => {
  await page.locator(".loading").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Live data: live" }).waitFor();
};

/** Each view with what shows that its data came. */
const VIEWS: readonly (readonly [path: string, sign: string])[] = [
  ["/", ".u-over"],
  ["/market", "tbody tr"],
  ["/topics", "tbody tr"],
  ["/topics/transactions", ".messages li"],
  ["/connections", "tbody tr"],
  ["/publish", "textarea"],
  ["/listener", "tbody tr"],
];

describe.skipIf(noBrowser !== null)(
  `the dashboard in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  () => {
    describe.each(VIEWS)("at %s", (path, sign) => {
      it.each(WIDTHS)(
        "fits %i px, light and dark, with nothing for axe or the console to complain of",
        async (width) => {
          for (const dark of [false, true]) {
            const { page, errors } = await open(path, { width, dark });
            await settled(page);
            await page.locator(sign).first().waitFor();
            expect(await violations(page)).toEqual([]);
            const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
            expect(await page.evaluate(overflow)).toBe(0);
            expect(await page.evaluate("document.documentElement.dataset.theme")).toBe(
              dark ? "dark" : "light",
            );
            expect(errors).toEqual([]);
          }
        },
      );
    });

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
      const sorted = await trades();
      expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));

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
      const { page } = await open("/publish");
      await page.evaluate(`sessionStorage.setItem("commcoin-admin-token", "${TOKEN}")`);
      await page.reload();
      await page.getByLabel("To", { exact: true }).selectOption("user_id");
      await page.getByLabel("A user").fill("ann");
      await page.locator("[name='data.title']").fill("Hello Ann");
      await page.locator("[name='data.message']").fill("From the dashboard");
      await page.locator("[name='data.notification_type']").fill("info");
      await page.getByRole("button", { name: "Publish…" }).click();
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

    it("finds a connection by its user and disconnects it", async () => {
      const url = `ws://localhost:${env["WEBSOCKET_PORT"]}/ws?user_id=bob`;
      const client = new WebSocket(url);
      const closed = once(client, "close");
      await once(client, "open");
      const { page, errors } = await open("/connections");
      await page.evaluate(`sessionStorage.setItem("commcoin-admin-token", "${TOKEN}")`);
      await page.reload();
      await page.getByLabel("User").fill("bob");
      await page.keyboard.press("Enter");
      await eventually(async () => expect(await page.locator("tbody tr").count()).toBe(1));
      await page.locator("tbody th button").click();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Disconnect…" }).click();
      await page
        .getByRole("dialog", { name: /Disconnect connection/ })
        .getByRole("button", { name: "Disconnect" })
        .click();
      expect((await closed)[0]).toBe(3503);
      await page.getByText("Closed 1 connection.").waitFor();
      await page.getByText("No connection fits").waitFor();
      expect(errors).toEqual([]);
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
      await page.keyboard.press("Escape");
      expect(await page.getByRole("dialog").count()).toBe(0);
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
      await other.goto(address);
      await other.getByRole("button", { name: "Token…" }).waitFor();
    });

    it("goes on after a restart of the services, without a reload", async () => {
      const { page } = await open("/market");
      await settled(page);
      await page.evaluate("window.sameDocument = true");
      await killAll();
      await page.getByRole("button", { name: "Live data: reconnecting" }).waitFor();
      await page.getByRole("link", { name: "Overview" }).click();
      await page.getByText("The admin service does not answer").waitFor();
      await start();
      await settled(page);
      await tile(page, "Connections").waitFor();
      await eventually(async () => expect(await page.getByRole("alert").count()).toBe(0));
      await page.getByRole("link", { name: "Market" }).click();
      const rows = page.locator("tbody tr");
      await rows.first().waitFor();
      const before = await rows.allInnerTexts();
      await eventually(async () => expect(await rows.allInnerTexts()).not.toEqual(before));
      expect(await page.evaluate("window.sameDocument")).toBe(true);
    });
  },
);
