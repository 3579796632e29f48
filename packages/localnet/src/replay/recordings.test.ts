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
  readonly name: string;
  readonly transaction: unknown;
  readonly meta: unknown;
  readonly version?: "legacy" | number;
}

const messageOf = (transaction: unknown): { accountKeys?: unknown[] } =>
  (transaction as { message?: { accountKeys?: unknown[] } }).message ?? {};
const isBase64 = ({ transaction }: Recorded): boolean => Array.isArray(transaction);
const isJson = ({ transaction }: Recorded): boolean =>
  typeof messageOf(transaction).accountKeys?.[0] === "string" &&
  !("compiledInstructions" in messageOf(transaction));

describe.skipIf(data.folder === null)(`recorded transactions ${data.reason}`, () => {
  const recorded = (data.folder === null ? [] : readdirSync(join(folder, "tx"))).map((name): Recorded => ({
    name,
    ...JSON.parse(readFileSync(join(folder, "tx", name), "utf8")),
  }));

  it("all load, proved by their signatures", () => {
    expect(recorded.length).toBeGreaterThan(180);
    for (const one of recorded) {
      const executed = readRecording(one);
      expect(one.name).toContain(executed.signature);
      expect(versionField(executed, 0).version, one.name).toBe(one.version ?? executed.version);
    }
  });

  it.each([
    ["base64", isBase64, 10],
    ["json", isJson, 100],
  ] as const)("in %s are served again as they were recorded", (encoding, isOfEncoding, atLeast) => {
    const raw = recorded.filter(isOfEncoding);
    expect(raw.length).toBeGreaterThan(atLeast);
    for (const one of raw) {
      const executed = readRecording(one);
      expect(encodeTransaction(executed, encoding), one.name).toEqual(one.transaction);
      expect(executed.meta, one.name).toEqual(one.meta);
    }
  });

  it("in jsonParsed and in the shape of web3.js are rebuilt, inner instructions included", () => {
    const others = recorded.filter((one) => !isBase64(one) && !isJson(one));
    expect(others.length).toBeGreaterThan(20);
    for (const one of others) {
      const shown = (one.meta as { innerInstructions?: { instructions: unknown[] }[] }).innerInstructions;
      const rebuilt = readRecording(one).meta.innerInstructions;
      expect(
        rebuilt?.map(({ instructions }) => instructions.length),
        one.name,
      ).toEqual(shown?.map(({ instructions }) => instructions.length));
    }
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
