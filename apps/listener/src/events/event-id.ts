import type { MessageType, TransactionUpdate } from "@commcoin/protocol";

/**
 * Id of what one instruction caused: the same whoever reads the transaction.
 * @param n place of the instruction among the listed ones.
 */
export const instructionEventId = (signature: string, n: number, type: MessageType): string =>
  `${signature}:${n}:${type}`;

/** Id of a transaction's reaching a status. */
export const transactionEventId = (signature: string, status: TransactionUpdate["status"]): string =>
  `${signature}:${status}`;
