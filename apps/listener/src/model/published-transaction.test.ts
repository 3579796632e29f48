import type { TransactionUpdate } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { transactionMessages } from "../events/transaction-messages.ts";
import { commcoinSession, TEST_COMMCOIN } from "../testing/commcoin-session.ts";
import { asPublished, fromUpdate } from "./published-transaction.ts";

const COIN = 1_000_000n;
const decoded = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN })(
  commcoinSession([
    { do: "create" },
    { do: "buy", tokens: 1_000n * COIN, lamports: 59_832 },
    { do: "sell", tokens: 10n * COIN, lamports: 600 },
  ]),
);
const audience = {
  commcoinProgramId: TEST_COMMCOIN,
  watchedPrograms: new Set<string>(),
  watchedAccounts: new Set(decoded.accounts.slice(0, 2)),
};

describe("a transaction that was told", () => {
  it.each(["finalized", "dropped"] as const)("is kept as far as it takes to tell it as %s", (progress) => {
    const told = asPublished(decoded);
    expect(transactionMessages(told, progress, "live", audience)).toEqual(
      transactionMessages(decoded, progress, "live", audience),
    );
    for (const each of [...told.creates, ...told.trades]) expect(Object.keys(each)).toEqual(["n", "mint"]);
    expect(told).not.toHaveProperty("tokenChanges");
  });
});

describe("a transaction behind its message", () => {
  const [message] = transactionMessages(decoded, "confirmed", "live", audience);
  const told = fromUpdate(message?.data as TransactionUpdate, TEST_COMMCOIN);

  it.each(["finalized", "dropped"] as const)("is told as %s in the same words and places", (progress) => {
    expect(transactionMessages(told, progress, "live", audience)).toEqual(
      transactionMessages(decoded, progress, "live", audience),
    );
  });

  it("names the coins that it created and traded, by the same places", () => {
    const places = (list: readonly { n: number; mint: string }[]) => list.map(({ n, mint }) => ({ n, mint }));
    expect([told.creates, told.trades]).toEqual([places(decoded.creates), places(decoded.trades)]);
  });
});
