import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ExecutedTransaction } from "../ledger/transaction.ts";
import { readRecording } from "./read-recording.ts";
import { RecordingError } from "./recording.ts";

/** A recording that was left out, with the reason. */
export interface RefusedRecording {
  readonly file: string;
  readonly reason: string;
}

export interface Recordings {
  readonly transactions: readonly ExecutedTransaction[];
  readonly refused: readonly RefusedRecording[];
}

const filesUnder = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesUnder(join(path, name)))
    : [path];

const readJsonFile = (file: string): unknown => {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const content: unknown = JSON.parse(text);
  // A whole answer of a node, or just the result in it.
  return typeof content === "object" && content !== null && "result" in content ? content.result : content;
};

const recordingsIn = (content: unknown): readonly unknown[] =>
  typeof content === "object" &&
  content !== null &&
  "transactions" in content &&
  Array.isArray(content.transactions)
    ? content.transactions
    : [content];

/**
 * Reads recorded transactions: files of `getTransaction` or (gzipped) `getBlock` results, or folders of them.
 * What cannot be rebuilt exactly is left out and listed, with file and reason.
 */
export const readRecordings = (paths: readonly string[]): Recordings => {
  const transactions = new Map<string, ExecutedTransaction>();
  const refused: RefusedRecording[] = [];
  for (const file of paths.flatMap(filesUnder)) {
    recordingsIn(readJsonFile(file)).forEach((recorded, index, all) => {
      try {
        const executed = readRecording(recorded);
        transactions.set(executed.signature, executed);
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        const place = all.length > 1 ? ` (transaction ${index})` : "";
        refused.push({ file: `${file}${place}`, reason: error.message });
      }
    });
  }
  return { transactions: [...transactions.values()], refused };
};
