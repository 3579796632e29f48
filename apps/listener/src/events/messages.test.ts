import { isTopic, message } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { createMarket } from "../market/market.ts";
import {
  commcoinSession,
  type Step,
  TEST_COMMCOIN,
  TEST_CURVE,
  TEST_MINT,
  TEST_ROUTER,
  TEST_USER,
} from "../testing/commcoin-session.ts";
import { TEST_SIGNATURE } from "../testing/rpc-json.ts";
import { type CoinKnowledge, coinMessages } from "./coin-messages.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { transactionMessages } from "./transaction-messages.ts";

const decode = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN });
const launch: Step[] = [{ do: "create" }, { do: "buy", tokens: 5_000_000n, lamports: 15, byRouter: true }];
const CREATE_N = 0;
const BUY_N = 3;

const NOBODY = {
  commcoinProgramId: TEST_COMMCOIN,
  watchedPrograms: new Set<string>(),
  watchedAccounts: new Set<string>(),
};
const NOTHING: CoinKnowledge = { names: new Map(), markets: new Map() };
const transaction = decode(commcoinSession(launch));
const failed = decode(commcoinSession(launch, { InstructionError: [1, { Custom: 6001 }] }));

const topicsAndIds = (messages: readonly OutgoingMessage[]) => messages.map(({ topic, id }) => [topic, id]);

function expectValid(messages: readonly OutgoingMessage[]): void {
  for (const { topic, type, data } of messages) {
    expect(isTopic(topic)).toBe(true);
    expect(message.safeParse({ type, data }).error).toBeUndefined();
    expect(message.parse({ type, data: JSON.parse(JSON.stringify(data)) as unknown })).toEqual({
      type,
      data,
    });
  }
}

describe("transactionMessages", () => {
  it("go to everybody, the program, its coins and the payer", () => {
    const messages = transactionMessages(transaction, "confirmed", "live", NOBODY);
    expectValid(messages);
    const id = `${TEST_SIGNATURE}:confirmed`;
    expect(topicsAndIds(messages)).toEqual([
      ["transactions", id],
      [`program:${TEST_COMMCOIN}`, id],
      [`token:${TEST_MINT}`, id],
      [`user:${TEST_USER}`, id],
    ]);
    expect(new Set(messages.map(({ data }) => data)).size).toBe(1);
    expect(messages[0]?.data).toMatchObject({
      transaction_id: TEST_SIGNATURE,
      status: "confirmed",
      user_id: TEST_USER,
      kind: "create_coin",
      program_id: TEST_COMMCOIN,
      token_id: TEST_MINT,
      fee: "0.000005",
      error: null,
      slot: 1_000,
      block_time: 1_800_000_000,
      origin: "live",
    });
  });

  it("go to watched programs and accounts as well", () => {
    const audience = {
      ...NOBODY,
      watchedPrograms: new Set([TEST_ROUTER, "elsewhere"]),
      watchedAccounts: new Set([TEST_CURVE, "somebody"]),
    };
    const topics = transactionMessages(transaction, "confirmed", "live", audience).map(({ topic }) => topic);
    expect(topics).toContain(`program:${TEST_ROUTER}`);
    expect(topics).toContain(`account:${TEST_CURVE}`);
    expect(topics).toHaveLength(6);
  });

  it("do not go to the payer of a transaction without CommCoin", () => {
    const other = decode(commcoinSession([{ do: "donate", lamports: 1 }]));
    const messages = transactionMessages(other, "finalized", "backfill", NOBODY);
    expectValid(messages);
    expect(topicsAndIds(messages)).toEqual([["transactions", `${TEST_SIGNATURE}:finalized`]]);
    expect(messages[0]?.data).toMatchObject({ kind: "unknown", origin: "backfill" });
  });

  it("say that a transaction failed, whatever its progress, and why", () => {
    for (const progress of ["processed", "confirmed", "finalized"] as const) {
      const messages = transactionMessages(failed, progress, "audit", NOBODY);
      expectValid(messages);
      expect(messages[0]).toMatchObject({
        id: `${TEST_SIGNATURE}:failed`,
        data: { status: "failed", error: { InstructionError: [1, { Custom: 6001 }] } },
      });
    }
  });

  it("say that a fork lost a transaction", () => {
    const messages = transactionMessages(transaction, "dropped", "live", NOBODY);
    expectValid(messages);
    expect(messages[0]).toMatchObject({
      id: `${TEST_SIGNATURE}:failed`,
      data: { status: "failed", error: "dropped" },
    });
  });
});

describe("coinMessages", () => {
  it("tell of a new coin and its first trade", () => {
    const markets = createMarket().apply(transaction, 0);
    const names = new Map([[TEST_MINT, { name: "Coin", symbol: "C", uri: "https://c" }]]);
    const messages = coinMessages(transaction, { names, markets });
    expectValid(messages);
    const token = `token:${TEST_MINT}`;
    expect(topicsAndIds(messages)).toEqual([
      ["token_updates", `${TEST_SIGNATURE}:${CREATE_N}:TokenCreated`],
      [token, `${TEST_SIGNATURE}:${CREATE_N}:TokenCreated`],
      ["token_updates", `${TEST_SIGNATURE}:${BUY_N}:TokenPriceUpdate`],
      [token, `${TEST_SIGNATURE}:${BUY_N}:TokenPriceUpdate`],
      ["market_data", `${TEST_SIGNATURE}:${BUY_N}:MarketData`],
      [token, `${TEST_SIGNATURE}:${BUY_N}:MarketData`],
    ]);
    expect(messages[0]?.data).toEqual({
      token_id: TEST_MINT,
      name: "Coin",
      symbol: "C",
      uri: "https://c",
      creator: TEST_USER,
      bonding_curve: TEST_CURVE,
      decimals: 6,
      supply: "1000000000",
      signature: TEST_SIGNATURE,
      slot: 1_000,
      block_time: 1_800_000_000,
    });
    expect(messages[2]?.data).toMatchObject({
      token_id: TEST_MINT,
      price: "0.000000003",
      change_24h: "-89.972",
    });
  });

  it("prefer the names that the transaction itself wrote", () => {
    const [create] = transaction.creates;
    if (create === undefined) throw new Error("no coin was created");
    const metadata = { mint: TEST_MINT, name: "Own", symbol: "O", uri: "" };
    const names = new Map([[TEST_MINT, { name: "Other", symbol: "X", uri: "" }]]);
    const messages = coinMessages(
      { ...transaction, creates: [{ ...create, metadata }] },
      { ...NOTHING, names },
    );
    expect(messages[0]?.data).toMatchObject({ name: "Own", symbol: "O" });
  });

  it("have null names and change where nothing is known", () => {
    const messages = coinMessages(transaction, NOTHING);
    expectValid(messages);
    expect(messages.map(({ type }) => type)).toEqual([
      "TokenCreated",
      "TokenCreated",
      "TokenPriceUpdate",
      "TokenPriceUpdate",
    ]);
    expect(messages[0]?.data).toMatchObject({ name: null, symbol: null, uri: null });
    expect(messages[2]?.data).toMatchObject({ change_24h: null });
  });

  it("are none for a failed transaction and for a trade without tokens", () => {
    expect(coinMessages(failed, NOTHING)).toEqual([]);
    const empty = decode(commcoinSession([{ do: "buy", tokens: 0n, lamports: 3 }]));
    expect(coinMessages(empty, NOTHING)).toEqual([]);
  });
});
