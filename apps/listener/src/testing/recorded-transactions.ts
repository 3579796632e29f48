import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { BlockPlace } from "../decode/read-transaction.ts";

/** A recorded node's answer about one transaction. */
export interface RecordedTransaction {
  readonly file: string;
  readonly json: unknown;
  /** Where it stands, when it is part of a recorded block. */
  readonly place: BlockPlace | undefined;
}

interface RecordedBlock {
  readonly blockTime: number | null;
  readonly parentSlot: number;
  readonly transactions: readonly unknown[];
}

const TRANSACTION_FOLDERS = ["tx", "tx-from-block", "tx-derived", "tx-devnet"] as const;

/** Every recorded transaction in `folder`, those inside of blocks included. */
export function* readRecorded(folder: string): Generator<RecordedTransaction> {
  for (const name of TRANSACTION_FOLDERS) {
    for (const file of readdirSync(join(folder, name)).sort()) {
      const json: unknown = JSON.parse(readFileSync(join(folder, name, file), "utf8"));
      yield { file: `${name}/${file}`, json, place: undefined };
    }
  }
  for (const file of readdirSync(join(folder, "blocks")).sort()) {
    const text = gunzipSync(readFileSync(join(folder, "blocks", file))).toString();
    const { blockTime, parentSlot, transactions } = JSON.parse(text) as RecordedBlock;
    for (const [index, json] of transactions.entries()) {
      yield { file: `blocks/${file}#${index}`, json, place: { slot: parentSlot + 1, blockTime } };
    }
  }
}
