import type { Logger } from "@commcoin/service/telemetry";

/** Warns of a trouble that many parts have at the same time, for each text once in a while. */
export interface ThrottledLog {
  warn(fields: object, message: string): void;
}

/** Often enough to see that it goes on, and how fast. */
const INTERVAL_MS = 5_000;

/** Leaves out a text that was logged in the last five seconds; the next time it tells how often it was left out. */
export function createThrottledLog(log: Logger, now: () => number = () => performance.now()): ThrottledLog {
  const texts = new Map<string, { readonly at: number; left: number }>();
  return {
    warn(fields, message) {
      const last = texts.get(message);
      if (last !== undefined && now() - last.at < INTERVAL_MS) {
        last.left += 1;
        return;
      }
      texts.set(message, { at: now(), left: 0 });
      log.warn(last === undefined || last.left === 0 ? fields : { ...fields, repeated: last.left }, message);
    },
  };
}
