import { z } from "zod";
import { address, blockTime, decimal, signature, slot } from "../scalars.ts";

export const TRANSACTION_STATUSES = ["processed", "confirmed", "finalized", "failed"] as const;
export const TRANSACTION_ORIGINS = ["live", "backfill", "audit"] as const;

/**
 * One decoded instruction. Beside its program and kind it carries the fields of that kind, such as `source`,
 * `destination`, `mint` and `amount` of a transfer.
 */
export const decodedInstruction = z.looseObject({
  program_id: address,
  kind: z.string().min(1).max(64),
});
export type DecodedInstruction = z.infer<typeof decodedInstruction>;

/** A transaction reached a status. One message per transaction and status. */
export const transactionUpdate = z.object({
  transaction_id: signature,
  status: z.enum(TRANSACTION_STATUSES),
  user_id: address.describe("The fee payer"),
  kind: z
    .string()
    .describe("Kind of the first CommCoin instruction, else of the first token instruction, else unknown"),
  program_id: address.describe("Program of that instruction"),
  token_id: address.optional().describe("Mint that the instruction concerns"),
  token_amount: decimal.optional(),
  sol_amount: decimal.optional(),
  instructions: z
    .array(decodedInstruction)
    .describe("Every decoded instruction in execution order, inner ones included"),
  accounts: z.array(address).describe("Accounts of the transaction, those of lookup tables included"),
  fee: decimal.describe("SOL"),
  error: z.json().describe("null, or why the transaction failed: the chain's error, or 'dropped'"),
  slot,
  block_time: blockTime,
  origin: z
    .enum(TRANSACTION_ORIGINS)
    .describe(
      "live: in the order of the chain; backfill, audit: after its place, caught up with or found by a check",
    ),
});
export type TransactionUpdate = z.infer<typeof transactionUpdate>;
