import { ASSOCIATED_TOKEN_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM } from "../decode/programs/addresses.ts";
import { rpcTransaction, testAddress, type TestInstruction, type TestTransaction } from "./rpc-json.ts";

export const TEST_COMMCOIN = testAddress("commcoin program");
export const TEST_ROUTER = testAddress("router");
export const TEST_MINT = testAddress("mint");
export const TEST_CURVE = testAddress("curve");
export const TEST_USER = testAddress("user");
const VAULT = testAddress("vault");
const USER_TOKENS = testAddress("user tokens");

const SUPPLY = 1_000_000_000_000_000n;
const CURVE_RENT = 1_231_920;

const u64 = (value: bigint): number[] => Array.from(new Uint8Array(new BigUint64Array([value]).buffer));
const hex = (text: string): number[] => [...Buffer.from(text, "hex")];

const DISCRIMINATORS = {
  create_coin: "d0552225ebb66f4e",
  buy: "66063d1201daebea",
  sell: "33e685a4017f83ad",
} as const;

/** What happens to one coin in a transaction, in order. */
export type Step =
  | { readonly do: "create" }
  | {
      readonly do: "buy" | "sell";
      readonly tokens: bigint;
      readonly lamports: number;
      /** Called by another program instead of by the transaction itself. */
      readonly byRouter?: boolean;
    }
  /** A plain System transfer into the curve, beside any trade. */
  | { readonly do: "donate"; readonly lamports: number };

const system = (data: readonly number[], accounts: readonly string[], height: number): TestInstruction => ({
  program: SYSTEM_PROGRAM,
  accounts,
  data,
  height,
});
const transferLamports = (lamports: number, to: string, height: number): TestInstruction =>
  system([2, 0, 0, 0, ...u64(BigInt(lamports))], [TEST_USER, to], height);
const token = (
  tag: number,
  amount: bigint,
  accounts: readonly string[],
  height: number,
): TestInstruction => ({
  program: TOKEN_PROGRAM,
  accounts,
  data: [tag, ...u64(amount)],
  height,
});

function trade(step: Extract<Step, { do: "buy" | "sell" }>): {
  readonly instruction: TestInstruction;
  readonly inner: (height: number) => readonly TestInstruction[];
} {
  const { do: side, tokens, lamports } = step;
  const [from, to] = side === "buy" ? [VAULT, USER_TOKENS] : [USER_TOKENS, VAULT];
  const owner = side === "buy" ? TEST_CURVE : TEST_USER;
  return {
    instruction: {
      program: TEST_COMMCOIN,
      accounts: [
        TEST_USER,
        TEST_MINT,
        TEST_CURVE,
        VAULT,
        USER_TOKENS,
        TOKEN_PROGRAM,
        SYSTEM_PROGRAM,
        TEST_COMMCOIN,
      ],
      data: [...hex(DISCRIMINATORS[side]), ...u64(tokens), ...u64(BigInt(lamports))],
    },
    inner: (height) => [
      token(3, tokens, [from, to, owner], height),
      ...(side === "buy" ? [transferLamports(lamports, TEST_CURVE, height)] : []),
    ],
  };
}

function compile(step: Step): TestTransaction["instructions"][number] {
  switch (step.do) {
    case "create":
      return {
        program: TEST_COMMCOIN,
        accounts: [
          TEST_USER,
          testAddress("mint authority"),
          TEST_MINT,
          testAddress("vault config"),
          testAddress("vault tokens"),
          TEST_CURVE,
          VAULT,
          TOKEN_PROGRAM,
          ASSOCIATED_TOKEN_PROGRAM,
        ],
        data: hex(DISCRIMINATORS.create_coin),
        inner: [
          system(
            [0, 0, 0, 0, ...u64(BigInt(CURVE_RENT)), ...u64(49n), ...Array.from({ length: 32 }, () => 1)],
            [TEST_USER, TEST_CURVE],
            2,
          ),
          token(7, SUPPLY, [TEST_MINT, VAULT, testAddress("mint authority")], 2),
        ],
      };
    case "donate":
      return transferLamports(step.lamports, TEST_CURVE, 1);
    case "buy":
    case "sell":
      break;
  }
  const { instruction, inner } = trade(step);
  if (step.byRouter !== true) return { ...instruction, inner: inner(2) };
  return {
    program: TEST_ROUTER,
    accounts: instruction.accounts,
    data: [1],
    inner: [{ ...instruction, height: 2 }, ...inner(3)],
  };
}

/** A transaction of these steps, with the balances that a node would report. */
export function commcoinSession(
  steps: readonly Step[],
  err: unknown = null,
): ReturnType<typeof rpcTransaction> {
  const created = steps.some((step) => step.do === "create");
  const start = { curve: created ? 0 : 50_000_000_000, vault: created ? null : SUPPLY };
  let { curve } = start;
  let vault = start.vault ?? 0n;
  for (const step of steps) {
    if (step.do === "create") [curve, vault] = [curve + CURVE_RENT, SUPPLY];
    else {
      curve += step.do === "sell" ? -step.lamports : step.lamports;
      if (step.do !== "donate") vault += step.do === "sell" ? step.tokens : -step.tokens;
    }
  }
  const failed = err !== null;
  return rpcTransaction({
    payer: TEST_USER,
    instructions: steps.map(compile),
    lamports: { [TEST_CURVE]: [start.curve, failed ? start.curve : curve] },
    tokens: [
      {
        account: VAULT,
        mint: TEST_MINT,
        decimals: 6,
        before: start.vault,
        after: failed ? start.vault : vault,
      },
    ],
    err,
  });
}
