import { accountKeysOf } from "../ledger/block.ts";
import type { CompiledInstruction, ExecutedTransaction } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";
import { COMMCOIN_PROGRAM_ADDRESS } from "./addresses.ts";
import { identifyInstruction } from "./discriminators.ts";
import { decodeTrade, TRADE_DATA_BYTES } from "./instructions.ts";

/** A `create_coin`, `buy` or `sell` that a transaction carried out, on its own or through another program. */
export type CommCoinCall =
  | { readonly name: "create_coin"; readonly mint: string }
  | {
      readonly name: "buy" | "sell";
      readonly mint: string;
      /** Token base units. */
      readonly amount: bigint;
      /** What the program moves: all of `max_sol_cost`. */
      readonly lamports: bigint;
    };

/** Place of the mint among the accounts of an instruction. */
const MINT = { create_coin: 2, buy: 1, sell: 1 } as const;

const inExecutionOrder = ({ transaction, meta }: ExecutedTransaction): readonly CompiledInstruction[] =>
  transaction.message.instructions.flatMap((instruction, index) => [
    instruction,
    ...(meta.innerInstructions ?? [])
      .filter((inner) => inner.index === index)
      .flatMap((inner) => inner.instructions),
  ]);

/** The calls of the CommCoin program that moved something, in execution order; none when the transaction failed. */
export const commCoinCalls = (
  executed: ExecutedTransaction,
  programId: string = COMMCOIN_PROGRAM_ADDRESS,
): readonly CommCoinCall[] => {
  if (executed.meta.err !== null) return [];
  const keys = accountKeysOf(executed);
  return inExecutionOrder(executed).flatMap(({ programIdIndex, accounts, data }): readonly CommCoinCall[] => {
    if (keys[programIdIndex] !== programId) return [];
    const bytes = fromBase58(data);
    const name = identifyInstruction(bytes);
    if (name !== "create_coin" && name !== "buy" && name !== "sell") return [];
    const mint = keys[accounts[MINT[name]] ?? -1] ?? "";
    if (name === "create_coin") return [{ name, mint }];
    if (bytes.length < TRADE_DATA_BYTES) return [];
    const { amount, maxSolCost } = decodeTrade(bytes);
    return [{ name, mint, amount, lamports: maxSolCost }];
  });
};
