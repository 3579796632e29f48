import type { TransactionUpdate } from "@commcoin/protocol";
import { parseSol } from "../decode/decimal.ts";
import type { CoinCreation, CoinTrade, DecodedTransaction } from "../decode/decoded-transaction.ts";

/** What has to be known of a transaction to tell how it ended, and to take it back. */
export interface PublishedTransaction extends Omit<
  DecodedTransaction,
  "creates" | "trades" | "tokenChanges" | "metadata"
> {
  readonly creates: readonly Pick<CoinCreation, "n" | "mint">[];
  readonly trades: readonly Pick<CoinTrade, "n" | "mint">[];
}

const places = (
  list: readonly { readonly n: number; readonly mint: string }[],
): PublishedTransaction["creates"] => list.map(({ n, mint }) => ({ n, mint }));

/** What is left of a transaction that was published: what it moved, and names that it wrote, are needed no more. */
export function asPublished(transaction: PublishedTransaction): PublishedTransaction {
  const { signature, slot, blockTime, feePayer, feeLamports, error } = transaction;
  const { accounts, programs, instructions, summary, creates, trades, mints } = transaction;
  return {
    signature,
    slot,
    blockTime,
    feePayer,
    feeLamports,
    error,
    accounts,
    programs,
    instructions,
    summary,
    creates: places(creates),
    trades: places(trades),
    mints,
  };
}

/**
 * The transaction behind a message about it: what an earlier publisher told is known even when no node has the
 * transaction any more.
 */
export function fromUpdate(update: TransactionUpdate, commcoinProgramId: string): PublishedTransaction {
  const { transaction_id, slot, block_time, user_id, fee, accounts, instructions } = update;
  const { kind, program_id, token_id, token_amount, sol_amount } = update;
  const mints = new Set<string>(token_id === undefined ? [] : [token_id]);
  const creates: { n: number; mint: string }[] = [];
  const trades: { n: number; mint: string }[] = [];
  for (const [n, { program_id: program, kind, mint }] of instructions.entries()) {
    if (typeof mint !== "string") continue;
    mints.add(mint);
    if (program !== commcoinProgramId) continue;
    if (kind === "create_coin") creates.push({ n, mint });
    if (kind === "buy" || kind === "sell") trades.push({ n, mint });
  }
  return {
    signature: transaction_id,
    slot,
    blockTime: block_time,
    feePayer: user_id,
    feeLamports: parseSol(fee),
    error: null,
    accounts,
    programs: [...new Set([program_id, ...instructions.map(({ program_id: program }) => program)])],
    instructions,
    summary: {
      kind,
      program_id,
      ...(token_id !== undefined && { token_id }),
      ...(token_amount !== undefined && { token_amount }),
      ...(sol_amount !== undefined && { sol_amount }),
    },
    creates,
    trades,
    mints: [...mints],
  };
}
