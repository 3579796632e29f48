import { message } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { transactionMessages } from "../events/transaction-messages.ts";
import { readRecorded, type RecordedTransaction } from "../testing/recorded-transactions.ts";
import { replayTokens } from "../testing/replay-tokens.ts";
import { findTestData } from "../testing/test-data.ts";
import { DecodeError } from "./decode-error.ts";
import { createTransactionDecoder } from "./decode-transaction.ts";
import type { DecodedTransaction } from "./decoded-transaction.ts";
import { readTransaction } from "./read-transaction.ts";

const COMMCOIN = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const folder = findTestData();
const suffix = folder === null ? " (skipped: no recorded data, see COMMCOIN_TEST_DATA)" : "";

/** Where decoded token instructions cannot give the balances after, and why. */
const NOT_REPLAYED: Readonly<Record<string, string>> = {
  "tx/2bhr1FWqeL28zH1BJR1h3PxkVorh5GD3koPUgzKMKFtxUKK5k3R3UraU8YRoB5yxKDi5AZafp3Xf74AXTf9LDqWc.json":
    "the Token-2022 mint withholds a transfer fee",
  "tx/3oR9ryME5VTS2qWZ25AhAwKWYLsYMLigCcFKRh6DiyFGtC7m7e17mBihB84XzL1EptM6mCjjyRp6uovHfHgcZrMA.json":
    "the Token-2022 mint withholds a transfer fee",
  "blocks/mainnet-154808473.trimmed.json.gz#0": "recorded without its inner instructions",
};

const PROGRAM_NAMES: Readonly<Record<string, string>> = {
  "11111111111111111111111111111111": "System",
  TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA: "Token",
  TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb: "Token-2022",
  ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL: "Associated Token",
  metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s: "Metaplex",
};

/** The encoding of a recorded transaction, found without the decoder: a node's reading and web3.js' shape hold no bytes. */
function isRaw({ json }: RecordedTransaction): boolean {
  const { transaction } = json as {
    transaction: { message: { accountKeys?: unknown[] } } | unknown[];
  };
  if (Array.isArray(transaction)) return true;
  const { accountKeys = [] } = transaction.message;
  const byWeb3 = "compiledInstructions" in transaction.message || "staticAccountKeys" in transaction.message;
  return !byWeb3 && accountKeys.every((key) => typeof key === "string");
}

describe.skipIf(folder === null)(`recorded transactions${suffix}`, () => {
  const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });
  const all = folder === null ? [] : [...readRecorded(folder)];
  const recorded = all.filter(isRaw);
  const decoded: readonly (RecordedTransaction & { readonly transaction: DecodedTransaction })[] =
    recorded.map((entry) => ({ ...entry, transaction: decode(entry.json, entry.place) }));

  it("are decoded, every one that holds what was sent", () => {
    expect(all.length).toBeGreaterThan(2_000);
    expect(decoded.length).toBeGreaterThan(1_900);
    const counts = new Map<string, number>();
    for (const { transaction } of decoded) {
      for (const { program_id: program, kind } of transaction.instructions) {
        const key = `${(PROGRAM_NAMES[program] ?? program).padEnd(18)}${kind}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const failed = decoded.filter(({ transaction }) => transaction.error !== null).length;
    const lines = [...counts.keys()].sort().map((key) => `${String(counts.get(key)).padStart(6)}  ${key}`);
    process.stdout.write(
      `\n${decoded.length} recorded transactions, ${failed} of them failed; instructions by program and kind:\n${lines.join("\n")}\n`,
    );
    expect([...counts.keys()].filter((key) => key.endsWith("unknown"))).toEqual([]);
  });

  it("are refused, with the reason, when they hold what a node or a library made of them", () => {
    const refused = all.filter((entry) => !isRaw(entry));
    expect(refused.length).toBeGreaterThan(50);
    for (const { json, place } of refused) {
      expect(() => decode(json, place)).toThrow(DecodeError);
      expect(() => decode(json, place)).toThrow(/jsonParsed|web3\.js/);
    }
  });

  it("change token balances as their decoded instructions say", () => {
    const differing: string[] = [];
    let compared = 0;
    for (const { file, json, place, transaction } of decoded) {
      const raw = readTransaction(json, place);
      if (transaction.error !== null) continue;
      if (raw.preTokenBalances.length + raw.postTokenBalances.length === 0) continue;
      const replayed = replayTokens(raw, transaction);
      const after = new Map(
        raw.postTokenBalances.map(({ accountIndex, amount }) => [raw.accounts[accountIndex], amount]),
      );
      const same =
        replayed.size === after.size && [...replayed].every(([key, value]) => after.get(key) === value);
      if (!same) differing.push(file);
      compared++;
    }
    process.stdout.write(
      `\n${compared} transactions replayed, ${differing.length} differ for a known reason\n`,
    );
    expect(differing.sort()).toEqual(Object.keys(NOT_REPLAYED).sort());
  });

  it("change no token balance when they failed", () => {
    const changed = decoded.filter(
      ({ transaction }) => transaction.error !== null && transaction.tokenChanges.length > 0,
    );
    expect(changed.map(({ file }) => file)).toEqual([]);
  });

  it("name mint and whole amount of every token movement, wherever the node reports balances", () => {
    for (const { file, json, place, transaction } of decoded) {
      const { preTokenBalances, postTokenBalances } = readTransaction(json, place);
      if (preTokenBalances.length + postTokenBalances.length === 0) continue;
      for (const instruction of transaction.instructions) {
        expect(instruction["raw_amount"], file).toBeUndefined();
        if (instruction.kind !== "transfer" || instruction["authority"] === undefined) continue;
        expect(instruction["mint"], file).toBeDefined();
      }
    }
  });

  it("come out the same in encodings json and base64", () => {
    const [json, base64] = ["json", "base64"].map((encoding) =>
      decoded.filter(({ file }) => file.startsWith(`blocks/other-147078734.${encoding}_encoding`)),
    );
    expect(json?.length).toBe(25);
    expect(json?.map(({ transaction }) => transaction)).toEqual(
      base64?.map(({ transaction }) => transaction),
    );
  });

  it("come out the same alone and as part of their block", () => {
    const block = new Map(
      decoded
        .filter(({ file }) => file.startsWith("blocks/mainnet-254170887"))
        .map(({ transaction }) => [transaction.signature, transaction]),
    );
    const alone = decoded.filter(({ file }) => file.startsWith("tx-from-block/"));
    expect(alone.length).toBe(450);
    for (const { transaction } of alone) expect(block.get(transaction.signature)).toEqual(transaction);
  });

  it("make valid messages", () => {
    const audience = {
      commcoinProgramId: COMMCOIN,
      watchedPrograms: new Set<string>(),
      watchedAccounts: new Set<string>(),
    };
    for (const { file, transaction } of decoded) {
      for (const { type, data } of transactionMessages(transaction, "confirmed", "live", audience)) {
        expect(message.safeParse({ type, data }).error, file).toBeUndefined();
      }
    }
  });
});
