import { readRecordings } from "@commcoin/localnet";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** One `logsSubscribe` notification as text. */
const notification = (subscription: number, slot: number, value: object): string =>
  JSON.stringify({
    jsonrpc: "2.0",
    method: "logsNotification",
    params: { result: { context: { slot }, value }, subscription },
  });

const SYNTHETIC_FRAMES = 100;
/** What a transaction logs on average: 35 lines, 2.3 KB. */
const SYNTHETIC_LINES = 35;
const LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const synthetic = (subscription: number): readonly string[] =>
  Array.from({ length: SYNTHETIC_FRAMES }, (_, index) =>
    notification(subscription, 254_170_887 + index, {
      signature: Array.from({ length: 88 }, (_, at) => LETTERS[(at * 7 + index * 13) % LETTERS.length]).join(
        "",
      ),
      err: null,
      logs: Array.from({ length: SYNTHETIC_LINES }, (_, line) =>
        line % 5 === 4
          ? `Program data: ${"vdt/007mYe5".repeat(8)}${line}`
          : `Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA invoke [${1 + (line % 3)}]`,
      ),
    }),
  );

/** Notifications made of the logs of recorded transactions; made-up ones of the same size without recordings. */
export function logsFrames(testData: string | null, subscription: number): readonly string[] {
  const folder = testData === null ? null : join(testData, "tx");
  if (folder === null || !existsSync(folder)) return synthetic(subscription);
  return readRecordings([folder]).transactions.flatMap(({ signature, meta }, index) =>
    meta.logMessages
      ? [
          notification(subscription, 254_170_887 + index, {
            signature,
            err: meta.err,
            logs: meta.logMessages,
          }),
        ]
      : [],
  );
}
