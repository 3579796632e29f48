import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { noBrowser, openBrowser, violations } from "../support/browser.ts";
import { openClient, type MessageClient } from "../support/message-client.ts";
import { openPage, settled, tile } from "./dashboard-page.ts";
import { startStandalone, type Standalone } from "./standalone.ts";

const WIDTHS = [390, 1440];
/** A folder that a picture of every view is to be put into. */
const PICTURES = process.env["COMMCOIN_TEST_PICTURES"];
/** A browser, four services and a market on a busy machine. */
const PATIENCE_MS = 240_000;

let services: Standalone;
let browser: Browser;
/** Somebody to whom messages go: without, there is no latency to be shown. */
let audience: MessageClient;

beforeAll(async () => {
  if (noBrowser !== null) return;
  services = await startStandalone({ market: true });
  audience = await openClient(`${services.gatewayUrl}?subscriptions=transactions,market_data`);
  browser = await openBrowser();
});

afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await audience?.close();
  await services?.stop();
});

const openCoin = async (page: Page): Promise<void> => {
  await page.locator("tbody tr").getByRole("link").first().click();
  await page.getByText("Market cap, SOL").waitFor();
};

interface View {
  readonly path: string;
  /** What shows that its data came. */
  readonly sign: string;
  readonly name: string;
  readonly go?: (page: Page) => Promise<void>;
}
const VIEWS: readonly View[] = [
  { path: "/", name: "/", sign: ".charts .u-over >> nth=2" },
  { path: "/market", name: "/market", sign: "tbody tr" },
  { path: "/market", name: "/market/:mint", sign: ".u-over", go: openCoin },
  { path: "/topics", name: "/topics", sign: "tbody tr" },
  { path: "/topics/transactions", name: "/topics/transactions", sign: ".messages li" },
  { path: "/connections", name: "/connections", sign: "tbody tr" },
  { path: "/publish", name: "/publish", sign: "textarea" },
  { path: "/listener", name: "/listener", sign: "tbody tr" },
];

/** Numbers that have more than eight digits that mean something, and those that are cut or do not fit where they stand. */
const badNumbers = (page: Page): Promise<readonly string[]> =>
  page.locator(".num").evaluateAll((numbers) =>
    numbers
      .filter((number) => {
        const [digits = ""] = (number.textContent ?? "").match(/[\d.,]+/) ?? [];
        const significant = digits.includes(".") ? digits.replace(/[.,]/g, "").replace(/^0+/, "") : "";
        const place = number.closest("dd, td, th");
        const isCut = place !== null && place.scrollWidth > place.clientWidth + 1;
        return significant.length > 8 || isCut;
      })
      .map((number) => number.textContent ?? ""),
  );

describe.skipIf(noBrowser !== null)(`views in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`, () => {
  describe.each(VIEWS)("at $name", ({ name, path, sign, go }) => {
    it.each(WIDTHS)(
      "fits %i px, light and dark, with nothing for axe or the console to complain of",
      { timeout: PATIENCE_MS },
      async (width) => {
        const { page, errors } = await openPage(browser, services.address + path, { width, dark: false });
        await go?.(page);
        await settled(page);
        await page.locator(sign).first().waitFor();
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.locator(`[data-theme=${colorScheme}]`).first().waitFor({ state: "attached" });
          expect(await violations(page)).toEqual([]);
          const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
          expect(await page.evaluate(overflow)).toBe(0);
          expect(await badNumbers(page)).toEqual([]);
          expect(errors).toEqual([]);
          if (PICTURES !== undefined) {
            const view = name.replaceAll(/\W+/g, "-").replaceAll(/^-|-$/g, "") || "overview";
            await page.screenshot({ path: join(PICTURES, `${view}-${width}-${colorScheme}.png`) });
          }
        }
      },
    );
  });

  it("say at a glance that all is well, with lines in every chart", { timeout: PATIENCE_MS }, async () => {
    const { page } = await openPage(browser, services.address);
    await page.getByText("All is well: 1 gateway, 1 listener, 1 admin.").waitFor();
    await page.locator(".charts .u-over").nth(2).waitFor();
    expect(await tile(page, "Connections").innerText()).not.toBe("–");
    expect(await page.locator(".legend").first().innerText()).toMatch(/Connections \d+/);
  });

  it("say that there is no such view", async () => {
    const { page } = await openPage(browser, `${services.address}/market`);
    await page.evaluate(
      'history.pushState(null, "", "/nowhere"); dispatchEvent(new PopStateEvent("popstate"))',
    );
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
