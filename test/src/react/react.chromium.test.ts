import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { createMemoryBroker } from "@commcoin/broker";
import { createGateway, gatewayVariables, type Gateway } from "@commcoin/gateway";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { noBrowser, openBrowser, watchErrors } from "../support/browser.ts";

const MINT = "So11111111111111111111111111111111111111112";
const broker = createMemoryBroker();

async function startGateway(): Promise<Gateway> {
  const config = loadConfig(gatewayVariables, {
    WEBSOCKET_PORT: "0",
    SHUTDOWN_DRAIN_SECONDS: "0",
  });
  const gateway = createGateway({ config, broker, logger: silentLogger });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  return gateway;
}

/** Leads to the gateway that is there, as a load balancer would. @returns its port. */
async function startBalancer(gateway: () => Gateway): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const upstream = connect(gateway().port, "127.0.0.1");
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Serves the page, bundled as an application is. @returns its address. */
async function servePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.jsx", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    conditions: ["@commcoin/source"],
    define: { "process.env.NODE_ENV": '"development"' },
  });
  const script = outputFiles[0]?.text ?? "";
  const server = createServer(({ url = "" }, response) => {
    const isScript = url.startsWith("/page.js");
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : '<div id="root"></div><script type="module" src="/page.js"></script>');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function openPage(): Promise<{ readonly page: Page; readonly problems: () => readonly string[] }> {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors = watchErrors(page);
  // That a gateway which is gone cannot be reached is said by the browser itself.
  return { page, problems: () => errors.filter((error) => !error.includes("WebSocket")) };
}

let published = 0;
async function publishPrice(price: string): Promise<void> {
  published += 1;
  const data = {
    token_id: MINT,
    price,
    change_24h: null,
    volume_24h: "1",
    high_24h: "1",
    low_24h: "1",
    trades_24h: 1,
    market_cap: "1",
  };
  await broker.publish(
    ["market_data", `token:${MINT}`].map((topic) => ({
      topic,
      type: "MarketData",
      id: `price-${published}`,
      data,
    })),
  );
}

const notify = (title: string): Promise<unknown> =>
  broker.publish([
    {
      topic: "user:alice",
      type: "Notification",
      id: title,
      data: { user_id: "alice", title, message: "m", notification_type: "info" },
    },
  ]);

const shows = async (page: Page, selector: string, text: string | readonly string[]): Promise<void> =>
  expect
    .poll(() =>
      typeof text === "string" ? page.textContent(selector) : page.locator(selector).allTextContents(),
    )
    .toEqual(text);

it.skipIf(noBrowser !== null)(
  `React in a browser shows what is published, through StrictMode, routes, a restart and a reload${noBrowser === null ? "" : `: ${noBrowser}`}`,
  async () => {
    let gateway = await startGateway();
    const port = await startBalancer(() => gateway);
    const { page, problems } = await openPage();
    await publishPrice("1");
    const query = new URLSearchParams({ gateway: `ws://127.0.0.1:${port}/ws`, mint: MINT });
    const sent: string[] = [];
    page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(payload.toString())));
    const url = `${await servePage()}?${query.toString()}`;
    await page.goto(url);
    await shows(page, "#state", "connected");
    // What was there before, in both lists, by one subscription.
    await shows(page, "#market li", ["1", "1"]);
    await publishPrice("2");
    await shows(page, "#market li", ["1", "2", "1", "2"]);
    expect(sent.filter((frame) => frame.includes("market_data"))).toHaveLength(1);

    // Another page and back, at once: nothing is left.
    await page.click("#go");
    await shows(page, "#token", "2");
    await page.click("#go");
    await shows(page, "#market li", ["1", "2", "1", "2"]);
    expect(sent.filter((frame) => frame.includes("unsubscribe"))).toEqual([]);

    await gateway.stop();
    await shows(page, "#state", "waiting");
    await publishPrice("3");
    gateway = await startGateway();
    await shows(page, "#market li", ["1", "2", "3", "1", "2", "3"]);
    expect(problems()).toEqual([]);
    // The topic of the route before was left in the meantime.
    await expect.poll(() => gateway.stats().subscriptions).toBe(1);

    // What came while the page was not there follows when it is loaded again.
    await notify("first");
    await expect.poll(() => page.evaluate("page.received")).toEqual(["first"]);
    await page.goto("about:blank");
    await notify("second");
    await page.goto(url);
    await expect.poll(() => page.evaluate("page.received")).toEqual(["second"]);
    expect(problems()).toEqual([]);
  },
);
