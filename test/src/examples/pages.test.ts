import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { noBrowser, openBrowser, watchErrors } from "../support/browser.ts";
import { freePort } from "../support/free-port.ts";
import { packClient, type PackedClient } from "../support/pack-client.ts";
import { killAll, startProcess, type ServiceProcess } from "../support/service-process.ts";
import { unpackExample } from "./unpack-example.ts";

const ADMIN_TOKEN = randomBytes(16).toString("hex");
const SECRET = randomBytes(32).toString("hex");

let client: PackedClient;
let localnet: Localnet;
let browser: Browser;
let backend: string;

beforeAll(async () => {
  if (noBrowser !== null) return;
  [client, localnet, browser] = await Promise.all([
    packClient(),
    createLocalnet({ httpPort: 0, wsPort: 0, slotMs: 100, market: { transactionsPerSecond: 20 } }),
    openBrowser(),
  ]);
  backend = await unpackExample("backend", client);
  await unpackExample("browser", client);
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
  await killAll();
});

afterAll(async () => {
  await browser?.close();
  await localnet?.stop();
  await client?.remove();
});

interface Services {
  readonly gateway: string;
  readonly admin: string;
  /** Kills them all, and starts them again at the same ports. */
  restart(): Promise<void>;
}

/** Everything in one process, as `pnpm start` does. */
async function startServices(more: Readonly<Record<string, string>> = {}): Promise<Services> {
  const [port, adminPort] = [await freePort(), await freePort()];
  let service: ServiceProcess;
  const start = async (): Promise<void> => {
    service = startProcess("apps/standalone/src/main.ts", {
      MESSAGE_BROKER_ENABLED: "false",
      ADMIN_TOKEN,
      WEBSOCKET_PORT: String(port),
      ADMIN_PORT: String(adminPort),
      LISTENER_PORT: "0",
      SOLANA_RPC_URL: localnet.httpUrl,
      SOLANA_WS_URL: localnet.wsUrl,
      ...more,
    });
    await service.says(({ module, port }) => module === "websocket" && typeof port === "number");
  };
  await start();
  return {
    gateway: `ws://localhost:${port}/ws`,
    admin: `http://localhost:${adminPort}`,
    async restart() {
      service.kill("SIGKILL");
      await service.exit;
      await start();
    },
  };
}

/** Runs a program that stays. @returns the first address that it prints. */
async function addressOf(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const [address] = /http:\/\/[\w.:]+/.exec(output) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`It ended: ${output}`);
}

const startBackend = ({ gateway, admin }: Services, more: Readonly<Record<string, string>> = {}) =>
  addressOf(backend, ["server.mjs"], {
    PORT: "0",
    GATEWAY_URL: gateway,
    ADMIN_URL: admin,
    ADMIN_TOKEN,
    ...more,
  });

async function open(
  address: string,
): Promise<{ readonly page: Page; readonly problems: () => readonly string[] }> {
  const page = await browser.newPage();
  const errors = watchErrors(page);
  await page.goto(address);
  // That a gateway which is gone cannot be reached is said by the browser itself.
  return { page, problems: () => errors.filter((text) => !text.includes("WebSocket")) };
}

const shows = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  expect
    .poll(() => page.locator(selector).allTextContents())
    .toEqual(expect.arrayContaining([expect.stringMatching(text)]));

describe.skipIf(noBrowser !== null)(`pages in Chromium${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  it("the plain page shows the market and what its back end and a shell send, through a restart", async () => {
    const services = await startServices();
    const { page, problems } = await open(await startBackend(services));
    await shows(page, "#state", /^connected$/);
    await shows(page, "#market td", /^0\.\d+$/);

    await page.click("#notify");
    await shows(page, "#notifications li", /^Hello: It is /);
    const notify = await promisify(execFile)(
      join(backend, "notify.sh"),
      ["ann", "Sold", "All 100 of them."],
      {
        env: { PATH: process.env["PATH"] ?? "", ADMIN_URL: services.admin, ADMIN_TOKEN },
      },
    );
    expect(JSON.parse(notify.stdout)).toMatchObject({ topic: "user:ann", offset: expect.any(Number) });
    await shows(page, "#notifications li", /^Sold: All 100 of them\.$/);

    await services.restart();
    await shows(page, "#state", /^connected$/);
    const before = await page.locator("#market").textContent();
    await expect.poll(() => page.locator("#market").textContent()).not.toBe(before);
    await page.click("#notify");
    await expect.poll(() => page.locator("#notifications li").count()).toBe(3);
    expect(problems()).toEqual([]);
  });

  it("with tokens: the back end mints them, and one of another secret is none", async () => {
    const services = await startServices({ AUTH_MODE: "jwt", AUTH_JWT_SECRET: SECRET });
    const { page } = await open(await startBackend(services, { AUTH_JWT_SECRET: SECRET }));
    await shows(page, "#state", /^connected$/);
    await page.click("#notify");
    await shows(page, "#notifications li", /^Hello: It is /);

    const other = await open(await startBackend(services, { AUTH_JWT_SECRET: SECRET.replace(/^./, "x") }));
    await shows(other.page, "#state", /^waiting$/);
    const { total_connections } = (await (
      await fetch(`${services.gateway.replace(/^ws(.*)\/ws$/, "http$1")}/api/ws/connections`)
    ).json()) as { readonly total_connections: number };
    expect(total_connections).toBe(1);
  });

  it("a back end that may not send says so on the page", async () => {
    const services = await startServices();
    const { page } = await open(await startBackend(services, { ADMIN_TOKEN: "none-that-is-right" }));
    await page.click("#notify");
    await expect
      .poll(() => page.locator("#notifications li").allTextContents())
      .toEqual([expect.stringMatching(/^Not sent: .*unauthorized/)]);
  });

  it("the React app, as Vite serves it, shows prices, through a restart", async () => {
    const services = await startServices();
    const folder = await unpackExample("react", client);
    const vite = join(folder, "node_modules/vite/bin/vite.js");
    const address = await addressOf(folder, [vite, "--port", String(await freePort()), "--strictPort"], {
      VITE_GATEWAY_URL: services.gateway,
      NO_COLOR: "1",
    });
    const { page, problems } = await open(address);
    // Vite puts the libraries together at the first visit.
    await page.locator("[role=status]").waitFor({ timeout: 60_000 });
    await shows(page, "[role=status]", /^connected$/);
    await shows(page, "li output", /^0\.\d+$/);
    await page.locator("li button").first().click();
    await shows(page, "h1", /^0\.\d+ SOL/);

    await services.restart();
    await shows(page, "[role=status]", /^connected$/);
    const before = await page.locator("ul").textContent();
    await expect.poll(() => page.locator("ul").textContent()).not.toBe(before);
    expect(problems()).toEqual([]);
  });
});
