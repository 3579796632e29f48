import { once } from "node:events";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { noBrowser, openBrowser } from "../support/browser.ts";
import { openClient } from "../support/message-client.ts";
import { openPage, settled, TOKEN } from "./dashboard-page.ts";
import { startStandalone, type Standalone } from "./standalone.ts";

let services: Standalone;
let browser: Browser;

beforeAll(async () => {
  if (noBrowser !== null) return;
  services = await startStandalone({ market: false });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await services?.stop();
});

/** More stops than any view has. */
const MAX_TABS = 80;

/** What has the focus, by the name that it is read out with. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const label = element?.labels?.[0]?.textContent ?? "";
    return (element?.getAttribute("aria-label") ?? (label || element?.textContent) ?? "").trim();
  })()`);

/** Goes on with the Tab key until what is named has the focus, and it can be seen. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < MAX_TABS; stop += 1) {
    const now = await focused(page);
    passed.push(now.slice(0, 30));
    if (name.test(now)) {
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      if (outline === "none") throw new Error(`Nobody sees that ${name.source} has the focus.`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`The Tab key leads to nothing named ${name.source}: ${passed.join(" | ")}`);
}

const dialog = (page: Page, name: RegExp) => page.getByRole("dialog", { name });

describe.skipIf(noBrowser !== null)(
  `with the keyboard alone, in Chromium${noBrowser === null ? "" : `: ${noBrowser}`}`,
  { timeout: 180_000 },
  () => {
    it("a message is published to a user, and the focus is back where it was", async () => {
      const ann = await openClient(`${services.gatewayUrl}?user_id=ann`);
      const { page, errors } = await openPage(browser, services.address);
      await settled(page);
      await tabTo(page, /^Publish$/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Publish", level: 1 }).waitFor();
      await tabTo(page, /^To$/);
      await page.keyboard.press("ArrowDown");
      await tabTo(page, /^A user$/);
      await page.keyboard.type("ann");
      for (const [field, text] of [
        [/^title/, "By keyboard"],
        [/^message/, "No mouse was moved"],
        [/^notification_type/, "info"],
      ] as const) {
        await tabTo(page, field);
        await page.keyboard.type(text);
      }
      await tabTo(page, /^Publish…$/);
      await page.keyboard.press("Enter");
      await dialog(page, /Publish Notification/).waitFor();
      await tabTo(page, /^Publish$/);
      await page.keyboard.press("Enter");
      await dialog(page, /Admin token/).waitFor();
      await tabTo(page, /^Token/);
      await page.keyboard.type(TOKEN);
      await page.keyboard.press("Enter");
      await page.getByText("Subscribers get it now").waitFor();
      expect(await ann.waitFor(({ type }) => type === "Notification")).toMatchObject({
        topic: "user:ann",
        data: { title: "By keyboard" },
      });
      expect(await focused(page)).toBe("Publish…");
      expect(errors).toEqual([]);
      await ann.close();
    });

    it("a connection is found and disconnected, and Escape leaves every dialog", async () => {
      const client = new WebSocket(`${services.gatewayUrl}?user_id=bob`);
      const closed = once(client, "close");
      await once(client, "open");
      const { page } = await openPage(browser, `${services.address}/connections`, { withToken: true });
      await settled(page);
      await tabTo(page, /^Skip to content$/);
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe("User");
      await page.keyboard.type("bob");
      await page.keyboard.press("Enter");
      await eventually(async () => expect(await page.locator("tbody tr").count()).toBe(1));
      const id = await page.locator("tbody th").innerText();
      await tabTo(page, new RegExp(`^${id}$`));
      await page.keyboard.press("Enter");
      await dialog(page, /^Connection/).waitFor();
      await tabTo(page, /^Disconnect…$/);
      await page.keyboard.press("Enter");
      await dialog(page, /^Disconnect connection/).waitFor();
      await page.keyboard.press("Escape");
      await dialog(page, /^Disconnect connection/).waitFor({ state: "detached" });
      expect(await focused(page)).toBe("Disconnect…");
      await page.keyboard.press("Enter");
      await dialog(page, /^Disconnect connection/).waitFor();
      await tabTo(page, /^Disconnect$/);
      await page.keyboard.press("Enter");
      expect((await closed)[0]).toBe(3503);
      await page.getByText("Closed 1 connection.").waitFor();
      await page.keyboard.press("Escape");
      await dialog(page, /^Connection/).waitFor({ state: "detached" });
      // The row is gone by now, or will be: the focus is not lost with it.
      await page.locator("tbody tr").waitFor({ state: "detached" });
      await eventually(async () =>
        expect(await page.evaluate("document.activeElement !== document.body")).toBe(true),
      );
    });
  },
);
