import { existsSync } from "node:fs";
import axe from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why there is no browser here; null where there is one. */
export const noBrowser = existsSync(EXECUTABLE) ? null : `there is no ${EXECUTABLE}`;

/**
 * With a profile of its own, which goes with it.
 * @param name a further name of this machine, which no name server knows.
 */
export const openBrowser = (name?: string): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: name === undefined ? FLAGS : [...FLAGS, `--host-resolver-rules=MAP ${name} 127.0.0.1`],
  });

/** What a page complained of, as it comes: errors, refusals of its policy among them. */
export function watchErrors(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return errors;
}

/** What axe finds wrong with the page as it is now. Run past the page's policy, which lets no script of others in. */
export async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>(`${axe.source}\naxe.run()`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
  );
}
