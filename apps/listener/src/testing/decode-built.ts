import type { DecodedInstruction } from "@commcoin/protocol";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { rpcTransaction, testAddress, type TestTokenBalance } from "./rpc-json.ts";

/** As the builders of `@solana-program` packages make it. */
export interface BuiltInstruction {
  readonly programAddress: string;
  readonly accounts?: readonly { readonly address: string }[];
  readonly data?: ArrayLike<number>;
}

const decode = createTransactionDecoder({ commcoinProgramId: testAddress("commcoin") });

/** Decodes instructions as those of one transaction. */
export function decodeBuilt(
  built: readonly BuiltInstruction[],
  tokens: readonly TestTokenBalance[] = [],
): readonly DecodedInstruction[] {
  const instructions = built.map(({ programAddress, accounts = [], data = [] }) => ({
    program: programAddress,
    accounts: accounts.map(({ address }) => address),
    data,
  }));
  return decode(rpcTransaction({ payer: testAddress("payer"), instructions, tokens })).instructions;
}

export const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter, at: number) => `${at === 0 ? "" : "_"}${letter.toLowerCase()}`);
