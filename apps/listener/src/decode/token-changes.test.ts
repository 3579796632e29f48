import { describe, expect, it } from "vitest";
import { rpcTransaction, testAddress, type TestTokenBalance } from "../testing/rpc-json.ts";
import { readTransaction } from "./read-transaction.ts";
import { findTokenChanges } from "./token-changes.ts";

const payer = testAddress("payer");
const account = testAddress("account");
const mint = testAddress("mint");
const other = testAddress("other mint");

const changesOf = (...tokens: TestTokenBalance[]) =>
  findTokenChanges(readTransaction(rpcTransaction({ payer, instructions: [], tokens }))).map((change) => [
    change.mint,
    change.change,
  ]);

describe("findTokenChanges", () => {
  it.each([
    ["that grow", 5n, 7n, 2n],
    ["that shrink", 7n, 5n, -2n],
    ["that come into being", null, 5n, 5n],
    ["that end", 5n, null, -5n],
  ])("tells of balances %s", (_, before, after, change) => {
    expect(changesOf({ account, mint, decimals: 6, before, after })).toEqual([[mint, change]]);
  });

  it("leaves balances out that stay", () => {
    expect(changesOf({ account, mint, decimals: 6, before: 5n, after: 5n })).toEqual([]);
    expect(changesOf({ account, mint, decimals: 6, before: null, after: 0n })).toEqual([]);
  });

  it("tells two mints of one account apart", () => {
    const changes = changesOf(
      { account, mint, decimals: 6, before: 5n, after: null },
      { account, mint: other, decimals: 2, before: null, after: 9n },
    );
    expect(changes).toEqual([
      [mint, -5n],
      [other, 9n],
    ]);
  });
});
