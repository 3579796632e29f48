import {
  accountTopic,
  programTopic,
  tokenTopic,
  type Topic,
  type TransactionUpdate,
  userTopic,
} from "@commcoin/protocol";
import { formatSol } from "../decode/decimal.ts";
import type { PublishedTransaction } from "../model/published-transaction.ts";
import { type Landing, transactionEventId } from "./event-id.ts";
import type { OutgoingMessage } from "./outgoing.ts";

/** How far a transaction came; `dropped` when the fork that held it was lost. */
export type Progress = "processed" | "confirmed" | "finalized" | "dropped";

/** What of the outside world decides where a transaction's messages go. */
export interface Audience {
  readonly commcoinProgramId: string;
  /** Programs whose transactions have a topic, beside CommCoin. */
  readonly watchedPrograms: ReadonlySet<string>;
  readonly watchedAccounts: ReadonlySet<string>;
}

/**
 * The `TransactionUpdate` of a transaction, once for each topic that it goes to. A transaction that the chain
 * refused is `failed` whatever its progress.
 */
export function transactionMessages(
  transaction: PublishedTransaction,
  progress: Progress,
  origin: TransactionUpdate["origin"],
  audience: Audience,
  landing: Landing = null,
): readonly OutgoingMessage[] {
  const data = toUpdate(transaction, progress, origin);
  const id = transactionEventId(transaction.signature, data.status, landing);
  return topicsOf(transaction, audience).map((topic) => ({ topic, id, type: "TransactionUpdate", data }));
}

function toUpdate(
  transaction: PublishedTransaction,
  progress: Progress,
  origin: TransactionUpdate["origin"],
): TransactionUpdate {
  const { signature, feePayer, summary, instructions, accounts, feeLamports, slot, blockTime } = transaction;
  const error = transaction.error ?? (progress === "dropped" ? "dropped" : null);
  return {
    transaction_id: signature,
    status: error !== null || progress === "dropped" ? "failed" : progress,
    user_id: feePayer,
    ...summary,
    // Nobody changes a message that is on its way.
    instructions: instructions as TransactionUpdate["instructions"],
    accounts: accounts as TransactionUpdate["accounts"],
    fee: formatSol(feeLamports),
    error,
    slot,
    block_time: blockTime,
    origin,
  };
}

function topicsOf(
  { programs, accounts, mints, feePayer }: PublishedTransaction,
  { commcoinProgramId, watchedPrograms, watchedAccounts }: Audience,
): readonly Topic[] {
  const topics: Topic[] = ["transactions"];
  for (const program of programs) {
    if (program === commcoinProgramId || watchedPrograms.has(program)) topics.push(programTopic(program));
  }
  for (const account of accounts) if (watchedAccounts.has(account)) topics.push(accountTopic(account));
  for (const mint of mints) topics.push(tokenTopic(mint));
  if (programs.includes(commcoinProgramId)) topics.push(userTopic(feePayer));
  return topics;
}
