import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeTransaction, versionField } from "../rpc/encode-transaction.ts";
import { findTestData } from "../recordings/test-data.ts";
import { readRecordings } from "./read-files.ts";
import { readRecording } from "./read-recording.ts";

const data = findTestData(process.env["COMMCOIN_TEST_DATA"]);
const folder = data.folder ?? "";

interface Recorded {
  readonly transaction: unknown;
  readonly meta: unknown;
  readonly version?: "legacy" | number;
}

const isJson = (transaction: unknown): boolean =>
  typeof (transaction as { message?: { accountKeys?: unknown[] } }).message?.accountKeys?.[0] === "string";
const fromWeb3 = (transaction: unknown): boolean =>
  "compiledInstructions" in ((transaction as { message?: object }).message ?? {});

describe.skipIf(data.folder === null)(`recorded transactions ${data.reason}`, () => {
  it("all load, and the raw ones are served again as they were recorded", () => {
    const served = { json: 0, base64: 0, rebuilt: 0 };
    for (const name of readdirSync(join(folder, "tx"))) {
      const recorded = JSON.parse(readFileSync(join(folder, "tx", name), "utf8")) as Recorded;
      const executed = readRecording(recorded);
      expect(name).toContain(executed.signature);
      if (recorded.version !== undefined) {
        expect(versionField(executed, 0), name).toEqual({ version: recorded.version });
      }
      if (Array.isArray(recorded.transaction)) {
        expect(encodeTransaction(executed, "base64"), name).toEqual(recorded.transaction);
        expect(executed.meta, name).toEqual(recorded.meta);
        served.base64 += 1;
      } else if (isJson(recorded.transaction) && !fromWeb3(recorded.transaction)) {
        expect(encodeTransaction(executed, "json"), name).toEqual(recorded.transaction);
        expect(executed.meta, name).toEqual(recorded.meta);
        served.json += 1;
      } else {
        served.rebuilt += 1;
      }
    }
    expect(served.base64 + served.json + served.rebuilt).toBeGreaterThan(180);
    expect(served.json).toBeGreaterThan(100);
    expect(served.base64).toBeGreaterThan(10);
    expect(served.rebuilt).toBeGreaterThan(20);
  });

  it.each([
    ["tx-from-block", 450, []],
    ["tx-derived", 25, []],
    // Signed bytes that the parsed form does not show, or instructions that only a handful of devnet files hold.
    ["tx-devnet", 32, [/no way to rebuild/, /has this signature/, /not among the transaction's keys/]],
  ])("of %s load, and each that is left out has its reason", (name, loaded, reasons) => {
    const { transactions, refused } = readRecordings([join(folder, name)]);
    expect(transactions.length).toBeGreaterThanOrEqual(loaded - 1);
    for (const { file, reason } of refused) {
      expect(
        reasons.some((pattern) => pattern.test(reason)),
        `${file}: ${reason}`,
      ).toBe(true);
    }
  });

  it("of a whole block load from its compressed file", () => {
    const { transactions, refused } = readRecordings([
      join(folder, "blocks", "mainnet-254170887.base64.json.gz"),
    ]);
    expect(refused).toEqual([]);
    expect(transactions).toHaveLength(602);
  });
});
