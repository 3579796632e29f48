import { base58 } from "@scure/base";
import { encodeBase58 } from "../decode/base58.ts";

/** Builds `getTransaction` results of encoding json for tests, with addresses by name instead of by index. */

export interface TestInstruction {
  readonly program: string;
  readonly accounts: readonly string[];
  readonly data: ArrayLike<number>;
  /** Stack height, for inner instructions; null as old nodes say. */
  readonly height?: number | null;
}

export interface TestTokenBalance {
  readonly account: string;
  readonly mint: string;
  readonly decimals: number;
  readonly before: bigint | null;
  readonly after: bigint | null;
}

export interface TestTransaction {
  readonly payer: string;
  readonly instructions: readonly (TestInstruction & { readonly inner?: readonly TestInstruction[] })[];
  readonly tokens?: readonly TestTokenBalance[];
  /** Lamports before and after, by account; 0 where nothing is said. */
  readonly lamports?: Readonly<Record<string, readonly [before: number, after: number]>>;
  readonly err?: unknown;
}

/** A deterministic address: `name` in bytes, repeated. */
export function testAddress(name: string): string {
  const bytes = new Uint8Array(32);
  for (let at = 0; at < 32; at++) bytes[at] = name.charCodeAt(at % name.length) ^ (at * 7 + 1);
  return encodeBase58(bytes);
}

export const TEST_SIGNATURE = encodeBase58(new Uint8Array(64).fill(9));

/** The JSON of a `getTransaction` result. */
export function rpcTransaction({
  payer,
  instructions,
  tokens = [],
  lamports = {},
  err = null,
}: TestTransaction) {
  const keys = new Set([payer]);
  const all = instructions.flatMap((instruction) => [instruction, ...(instruction.inner ?? [])]);
  for (const { accounts } of all) for (const account of accounts) keys.add(account);
  for (const { program } of all) keys.add(program);
  for (const { account } of tokens) keys.add(account);
  const accountKeys = [...keys];
  const compile = ({ program, accounts, data, height }: TestInstruction, outer: boolean) => ({
    programIdIndex: accountKeys.indexOf(program),
    accounts: accounts.map((account) => accountKeys.indexOf(account)),
    data: base58.encode(Uint8Array.from(data)),
    stackHeight: outer ? null : height === undefined ? 2 : height,
  });
  const tokenBalances = (when: "before" | "after") =>
    tokens.flatMap(({ account, mint, decimals, [when]: amount }) =>
      amount === null
        ? []
        : [
            {
              accountIndex: accountKeys.indexOf(account),
              mint,
              owner: payer,
              uiTokenAmount: { amount: amount.toString(), decimals },
            },
          ],
    );
  return {
    slot: 1_000,
    blockTime: 1_800_000_000,
    version: "legacy",
    transaction: {
      signatures: [TEST_SIGNATURE],
      message: {
        accountKeys,
        instructions: instructions.map((instruction) => compile(instruction, true)),
      },
    },
    meta: {
      err,
      fee: 5_000,
      innerInstructions: instructions.flatMap(({ inner = [] }, index) =>
        inner.length === 0
          ? []
          : [{ index, instructions: inner.map((instruction) => compile(instruction, false)) }],
      ),
      preBalances: accountKeys.map((key) => lamports[key]?.[0] ?? 0),
      postBalances: accountKeys.map((key) => lamports[key]?.[1] ?? 0),
      preTokenBalances: tokenBalances("before"),
      postTokenBalances: tokenBalances("after"),
      logMessages: [],
    },
  };
}
