import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { commcoinSession, TEST_COMMCOIN, TEST_USER } from "../../testing/commcoin-session.ts";
import { rpcTransaction, testAddress } from "../../testing/rpc-json.ts";
import { createTransactionDecoder } from "../decode-transaction.ts";

const NAMES = [
  "create_coin",
  "buy",
  "sell",
  "configure",
  "extend_account",
  "alloc_account",
  "paint_account",
  "rope_account",
];
const decode = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN });
const accounts = Array.from({ length: 11 }, (_, index) => testAddress(`account ${index}`));

const discriminator = (name: string): Buffer =>
  createHash("sha256").update(`global:${name}`).digest().subarray(0, 8);

const decodeOne = (data: Uint8Array, named: readonly string[] = accounts) =>
  decode(
    rpcTransaction({ payer: TEST_USER, instructions: [{ program: TEST_COMMCOIN, accounts: named, data }] }),
  );

describe("CommCoin instructions", () => {
  it.each(NAMES)("%s is told by the hash of its name", (name) => {
    const { instructions, summary } = decodeOne(Buffer.concat([discriminator(name), Buffer.alloc(16)]));
    expect(instructions).toMatchObject([{ program_id: TEST_COMMCOIN, kind: name }]);
    expect(summary).toMatchObject({ program_id: TEST_COMMCOIN, kind: name });
  });

  it("names creator, mint and curve of create_coin", () => {
    expect(decodeOne(discriminator("create_coin")).instructions).toEqual([
      {
        program_id: TEST_COMMCOIN,
        kind: "create_coin",
        creator: accounts[0],
        mint: accounts[2],
        bonding_curve: accounts[5],
      },
    ]);
  });

  it.each([
    ["without data", new Uint8Array(), accounts],
    ["of another discriminator", discriminator("withdraw"), accounts],
    ["with a part of a discriminator", discriminator("buy").subarray(0, 7), accounts],
    ["buying without its arguments", Buffer.concat([discriminator("buy"), Buffer.alloc(15)]), accounts],
    [
      "buying without its accounts",
      Buffer.concat([discriminator("buy"), Buffer.alloc(16)]),
      accounts.slice(0, 4),
    ],
    ["creating without its accounts", discriminator("create_coin"), accounts.slice(0, 6)],
  ])("one %s is unknown, not left out, and trades nothing", (_, data, named) => {
    const { instructions, trades, creates } = decodeOne(data, named);
    expect(instructions).toEqual([{ program_id: TEST_COMMCOIN, kind: "unknown" }]);
    expect([trades, creates]).toEqual([[], []]);
  });

  it("are another program's when the program id is another", () => {
    const elsewhere = createTransactionDecoder({ commcoinProgramId: testAddress("elsewhere") });
    const { trades, instructions } = elsewhere(commcoinSession([{ do: "buy", tokens: 1n, lamports: 1 }]));
    expect(trades).toEqual([]);
    expect(instructions.map(({ kind }) => kind)).toEqual(["transfer", "transfer"]);
  });
});
