import { StartError } from "@commcoin/service/lifecycle";
import { VERSION } from "@commcoin/service/telemetry";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";

/**
 * Version of the names and contents of keys and channels: what services of two releases must have in common to use one
 * Redis at the same time. It grows by one when a release cannot work beside the one before.
 */
export const LAYOUT = 1;

const NUMBER = /^\d{1,9}$/;

/**
 * Writes down which layout a Redis has, for the next one who starts, or compares.
 * @throws {StartError} when it has another one than this release writes.
 */
export async function agreeOnLayout(commands: Commands, keys: Keys): Promise<void> {
  // One that takes no writes at present keeps nobody from starting; releases before 0.2.0 wrote nothing down.
  await commands.call("set", keys.layout, String(LAYOUT), "NX").catch(() => null);
  const answer = await commands.call("get", keys.layout).catch(() => null);
  const found = typeof answer === "string" ? answer : String(LAYOUT);
  if (found === String(LAYOUT)) return;
  const here = `this is release ${VERSION}, which uses layout ${LAYOUT}`;
  if (!NUMBER.test(found)) {
    throw new StartError(
      `The key ${keys.layout} in Redis holds no number of a layout, and ${here}. ` +
        "Another program writes there: give each its own database in REDIS_URL, then delete the key.",
    );
  }
  throw new StartError(
    `Redis holds data of layout ${found}; ${here}. The two cannot run side by side. ` +
      (Number(found) > LAYOUT
        ? "Start the newer release that the other services are of, or use a Redis database of its own for this one."
        : "Upgrade as docs/upgrading.md says: stop all services of the older release, empty the database, start these."),
  );
}
