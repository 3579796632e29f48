import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commcoinSession,
  type Step,
  TEST_COMMCOIN,
  TEST_CURVE,
  TEST_MINT,
  TEST_USER,
} from "../testing/commcoin-session.ts";
import { createTransactionDecoder } from "./decode-transaction.ts";

const decode = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN });
const decodeSteps = (...steps: Step[]) => decode(commcoinSession(steps));

const TOKEN = 1_000_000n;

describe("trades", () => {
  it("tell what a buy moved and at what price", () => {
    const { trades, instructions, summary, creates } = decodeSteps({
      do: "buy",
      tokens: 4_000_000n * TOKEN,
      lamports: 125_000_000,
    });
    const expected = { token_amount: "4000000", sol_amount: "0.125", price: "0.00000003125" };
    expect(trades).toEqual([
      {
        n: 0,
        side: "buy",
        mint: TEST_MINT,
        user: TEST_USER,
        bondingCurve: TEST_CURVE,
        tokenAmount: 4_000_000n * TOKEN,
        solLamports: 125_000_000n,
        price: expected.price,
        consistent: true,
      },
    ]);
    expect(instructions[0]).toEqual({
      program_id: TEST_COMMCOIN,
      kind: "buy",
      user: TEST_USER,
      mint: TEST_MINT,
      bonding_curve: TEST_CURVE,
      max_sol_cost: "0.125",
      ...expected,
    });
    expect(instructions.map(({ kind }) => kind)).toEqual(["buy", "transfer", "transfer"]);
    expect(summary).toEqual({
      kind: "buy",
      program_id: TEST_COMMCOIN,
      token_id: TEST_MINT,
      token_amount: expected.token_amount,
      sol_amount: expected.sol_amount,
    });
    expect(creates).toEqual([]);
  });

  it("take the balance, not the argument, for what a single trade cost", () => {
    const json = commcoinSession([{ do: "buy", tokens: TOKEN, lamports: 1_000 }]);
    const curve = json.transaction.message.accountKeys.indexOf(TEST_CURVE);
    json.meta.postBalances[curve] = (json.meta.preBalances[curve] ?? 0) + 900;
    expect(decode(json).trades).toMatchObject([{ solLamports: 900n, price: "0.0000009", consistent: true }]);
  });

  it("say when tokens moved that the instruction did not ask for", () => {
    const json = commcoinSession([{ do: "sell", tokens: TOKEN, lamports: 1_000 }]);
    const [after] = json.meta.postTokenBalances;
    if (after !== undefined) after.uiTokenAmount.amount = (10n ** 15n + 999_999n).toString();
    expect(decode(json).trades).toMatchObject([{ tokenAmount: 999_999n, consistent: false }]);
  });

  it("have no price when no token moved", () => {
    const { trades, instructions } = decodeSteps({ do: "buy", tokens: 0n, lamports: 5 });
    expect(trades).toMatchObject([{ tokenAmount: 0n, solLamports: 5n, price: null }]);
    expect(instructions[0]).not.toHaveProperty("price");
  });

  it("leave the rent and the supply of a coin that is created before them aside", () => {
    const { creates, trades, summary } = decodeSteps(
      { do: "create" },
      { do: "buy", tokens: 7n * TOKEN, lamports: 70 },
    );
    expect(creates).toEqual([
      {
        n: 0,
        mint: TEST_MINT,
        creator: TEST_USER,
        bondingCurve: TEST_CURVE,
        decimals: 6,
        supply: 1_000_000_000n * TOKEN,
        initialPrice: "0.000000029916123",
        metadata: null,
      },
    ]);
    expect(trades).toMatchObject([{ n: 3, tokenAmount: 7n * TOKEN, solLamports: 70n, consistent: true }]);
    expect(summary).toEqual({ kind: "create_coin", program_id: TEST_COMMCOIN, token_id: TEST_MINT });
  });

  it("are found when another program calls", () => {
    const { trades, programs } = decodeSteps({ do: "sell", tokens: TOKEN, lamports: 9, byRouter: true });
    expect(programs).toContain(TEST_COMMCOIN);
    expect(trades).toMatchObject([{ n: 0, side: "sell", solLamports: 9n, consistent: true }]);
  });

  it("are told apart without stack heights", () => {
    const json = commcoinSession([
      { do: "buy", tokens: 2n * TOKEN, lamports: 200, byRouter: true },
      { do: "buy", tokens: TOKEN, lamports: 300, byRouter: true },
    ]);
    for (const { instructions } of json.meta.innerInstructions) {
      for (const instruction of instructions) instruction.stackHeight = null;
    }
    expect(decode(json).trades).toMatchObject([
      { solLamports: 200n, tokenAmount: 2n * TOKEN },
      { solLamports: 300n, tokenAmount: TOKEN },
    ]);
  });

  it("are none when the transaction failed, and its instructions are there", () => {
    const steps: Step[] = [{ do: "create" }, { do: "buy", tokens: TOKEN, lamports: 5 }];
    const { trades, creates, error, instructions } = decode(
      commcoinSession(steps, { InstructionError: [0, 1] }),
    );
    expect([trades, creates]).toEqual([[], []]);
    expect(error).toEqual({ InstructionError: [0, 1] });
    expect(instructions[3]).toMatchObject({ kind: "buy", token_amount: "1", max_sol_cost: "0.000000005" });
    expect(instructions[3]).not.toHaveProperty("sol_amount");
  });

  it("share the balance exactly, each buy with what it paid", () => {
    const step = fc.record({
      do: fc.constantFrom("buy" as const, "sell" as const),
      tokens: fc.bigInt({ min: 1n, max: 10n ** 12n }),
      lamports: fc.nat({ max: 1_000_000_000 }),
      byRouter: fc.boolean(),
    });
    const donation = fc.nat({ max: 1_000_000 }).map((lamports): Step => ({ do: "donate", lamports }));
    const steps = fc
      .tuple(fc.boolean(), fc.array(fc.oneof(step, step, donation), { minLength: 1, maxLength: 8 }))
      .map(([created, rest]): Step[] => [...(created ? [{ do: "create" } as const] : []), ...rest]);
    fc.assert(
      fc.property(steps, (steps) => {
        const done = steps.flatMap((step) => (step.do === "buy" || step.do === "sell" ? [step] : []));
        const json = commcoinSession(steps);
        fc.pre(json.meta.postBalances.every((lamports) => lamports >= 0));
        const { trades } = decode(json);
        expect(trades.map(({ side, tokenAmount }) => [side, tokenAmount])).toEqual(
          done.map(({ do: side, tokens }) => [side, tokens]),
        );
        const total = (side: "buy" | "sell", lamports: (index: number) => bigint): bigint =>
          done.reduce((sum, trade, index) => (trade.do === side ? sum + lamports(index) : sum), 0n);
        const actual = (index: number): bigint => trades[index]?.solLamports ?? -1n;
        expect(total("sell", actual)).toBe(total("sell", (index) => BigInt(done[index]?.lamports ?? 0)));
        const buys = trades.filter(({ side }) => side === "buy").map(({ solLamports }) => solLamports);
        expect(buys).toEqual(
          done.filter((trade) => trade.do === "buy").map(({ lamports }) => BigInt(lamports)),
        );
        expect(trades.every(({ consistent }) => consistent)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
