import { eventually } from "@commcoin/tsconfig/eventually";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noBrowser, openBrowser } from "../support/browser.ts";
import { openPage, settled } from "./dashboard-page.ts";
import { startStandalone, type Standalone } from "./standalone.ts";

let services: Standalone;
let browser: Browser;

beforeAll(async () => {
  if (noBrowser !== null) return;
  services = await startStandalone({ market: false });
  browser = await openBrowser();
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await services?.stop();
});

/** As when another tab is looked at; a browser without a window has none that could be. */
const setHidden = (page: Page, hidden: boolean): Promise<unknown> =>
  page.evaluate(`
    Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: "${hidden ? "hidden" : "visible"}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  `);

/** Paths that the page asks the server for, as it does. */
function watchRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/") || pathname.startsWith("/docs")) asked.push(pathname);
  });
  return asked;
}

/** Puts the time of the page forward, and has whatever it asked for meanwhile be seen. */
async function pass(page: Page, time: string): Promise<void> {
  await page.clock.runFor(time);
  await page.evaluate("fetch('/healthz').then(() => undefined)");
}

const HIDDEN = "10:00";

describe.skipIf(noBrowser !== null)(
  `a page that is hidden, in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  { timeout: 180_000 },
  () => {
    it.each(["/", "/topics", "/topics/user%3Aann", "/connections", "/listener"])(
      "asks for nothing at %s, and at once when it is looked at again",
      async (path) => {
        const { page } = await openPage(browser, services.address + path, { ownClock: true });
        await settled(page);
        const asked = watchRequests(page);
        await eventually(async () => {
          await pass(page, "00:05");
          expect(asked.length).toBeGreaterThan(1);
        });
        await setHidden(page, true);
        await pass(page, "00:01");
        asked.length = 0;
        await pass(page, HIDDEN);
        expect(asked).toEqual([]);
        await setHidden(page, false);
        await eventually(() => expect(asked.length).toBeGreaterThan(0));
      },
    );

    it.each(["/market", "/market/So11111111111111111111111111111111111111112", "/topics/x", "/publish"])(
      "does not try again at %s what had failed",
      async (path) => {
        const { page } = await openPage(browser, services.address, { ownClock: true });
        await page.route(/\/(api|docs)\//, (route) => route.abort());
        await page.evaluate(
          `history.pushState(null, "", "${path}"); dispatchEvent(new PopStateEvent("popstate"))`,
        );
        const asked = watchRequests(page);
        await eventually(async () => {
          await pass(page, "00:05");
          expect(asked.length).toBeGreaterThan(1);
        });
        await setHidden(page, true);
        await pass(page, "00:01");
        asked.length = 0;
        await pass(page, HIDDEN);
        expect(asked).toEqual([]);
        await setHidden(page, false);
        await eventually(() => expect(asked.length).toBeGreaterThan(0));
      },
    );
  },
);
