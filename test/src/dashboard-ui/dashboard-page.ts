import type { Browser, Page } from "playwright-core";
import { watchErrors } from "../support/browser.ts";

export const TOKEN = "a-token-for-tests-0123456789";

interface OpenOptions {
  readonly width?: number;
  readonly dark?: boolean;
  /** Whether the tab has been given the admin token. */
  readonly withToken?: boolean;
  /** Whether the time of the page can be put forward. */
  readonly ownClock?: boolean;
}

export interface OpenedPage {
  readonly page: Page;
  /** What the browser complained of so far. */
  readonly errors: readonly string[];
}

/** Opens a view of the dashboard in a browser profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: OpenOptions = {},
): Promise<OpenedPage> {
  const { width = 1_440, dark = false, withToken = false, ownClock = false } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
  });
  if (withToken) await context.addInitScript(`sessionStorage.setItem("commcoin-admin-token", "${TOKEN}")`);
  const page = await context.newPage();
  if (ownClock) await page.clock.install();
  const errors = watchErrors(page);
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, errors };
}

/** The value of a tile. */
export const tile = (page: Page, label: string) =>
  page.locator(".tile", { has: page.getByText(label, { exact: true }) }).locator("dd");

/** A view at rest: what was asked for is there. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".loading").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Live data: live" }).waitFor();
}
