import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noBrowser, openBrowser } from "../support/browser.ts";
import { freePort } from "../support/free-port.ts";
import type { ServiceProcess } from "../support/service-process.ts";
import { killAll } from "../support/service-process.ts";
import { startService } from "../support/start-service.ts";
import { buildDashboard } from "./build.ts";
import { openPage, settled, tile, TOKEN } from "./dashboard-page.ts";

type App = "gateway" | "listener" | "admin";

let redis: RedisServer;
let localnet: Localnet;
let browser: Browser;
let env: Readonly<Record<string, string>>;
let page: Page;
const running = new Map<App, ServiceProcess>();

async function start(app: App): Promise<void> {
  const { process } = await startService(app, { ...env, SERVER_ID: `${app}-1` });
  running.set(app, process);
}

async function kill(app: App): Promise<void> {
  const process = running.get(app);
  process?.kill("SIGKILL");
  await process?.exit;
}

beforeAll(async () => {
  if (noBrowser !== null) return;
  await buildDashboard();
  redis = await startRedisServer({ args: ["--appendonly", "yes"] });
  localnet = await createLocalnet({
    httpPort: 0,
    wsPort: 0,
    slotMs: 100,
    market: { transactionsPerSecond: 10 },
  });
  env = {
    REDIS_URL: redis.url,
    ADMIN_TOKEN: TOKEN,
    WEBSOCKET_PORT: String(await freePort()),
    ADMIN_PORT: String(await freePort()),
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
  };
  await Promise.all((["gateway", "listener", "admin"] as const).map(start));
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await killAll();
  await localnet?.stop();
  await redis?.stop();
});

beforeEach(async () => {
  if (noBrowser !== null) return;
  ({ page } = await openPage(browser, `http://localhost:${env["ADMIN_PORT"]}/market`));
  await settled(page);
  await page.locator("tbody tr").first().waitFor();
  await page.evaluate("window.sameDocument = true");
});

const go = (view: string): Promise<void> => page.getByRole("link", { name: view, exact: true }).click();
const live = (word: string): Promise<void> =>
  page.getByRole("button", { name: `Live data: ${word}` }).waitFor();

/** Prices come in. */
async function moves(): Promise<void> {
  await go("Market");
  const rows = page.locator("tbody tr");
  const before = await rows.allInnerTexts();
  await eventually(async () => expect(await rows.allInnerTexts()).not.toEqual(before));
}

/** Longer than a server that died stays in the registry. */
const FORGOTTEN_MS = 40_000;

/** All is shown as before. */
async function becomesWell(): Promise<void> {
  await settled(page);
  await go("Overview");
  await eventually(async () => expect(await page.getByText(/^\s*All is well/).count()).toBe(1), FORGOTTEN_MS);
  // Each part of the page asks in its own time.
  await eventually(
    async () => expect(await page.locator(".failure").allInnerTexts()).toEqual([]),
    FORGOTTEN_MS,
  );
  await eventually(
    async () => expect(Number(await tile(page, "Connections").innerText())).toBeGreaterThan(0),
    FORGOTTEN_MS,
  );
  await moves();
}
const isSamePage = (): Promise<unknown> => page.evaluate("window.sameDocument");

describe.skipIf(noBrowser !== null)(
  `the dashboard goes on without a reload, in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  () => {
    it("when admin is killed and started again", { timeout: 180_000 }, async () => {
      await kill("admin");
      await go("Overview");
      await page.getByText("The admin service does not answer").first().waitFor();
      await moves();
      await start("admin");
      await becomesWell();
      expect(await isSamePage()).toBe(true);
    });

    it(
      "when the gateway is killed and started again; the overview says so",
      { timeout: 180_000 },
      async () => {
        await go("Overview");
        await kill("gateway");
        await live("reconnecting");
        await page.getByText("The gateway gateway-1 has sent no heartbeat").waitFor();
        await page.getByText("No gateway is in the registry").waitFor();
        await start("gateway");
        await becomesWell();
        expect(await isSamePage()).toBe(true);
      },
    );

    it("when Redis is killed and started again", { timeout: 180_000 }, async () => {
      await go("Overview");
      await redis.kill();
      await live("broker away");
      await page.locator(".failure").first().waitFor();
      await redis.restart();
      await live("live");
      await becomesWell();
      expect(await isSamePage()).toBe(true);
    });
  },
);
