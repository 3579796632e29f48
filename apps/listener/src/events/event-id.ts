import type { MessageType, TransactionUpdate } from "@commcoin/protocol";

/**
 * Which landing of a transaction something belongs to: null for the first one, and the slot of a landing after a fork had
 * dropped it, which is news to those who were told so.
 */
export type Landing = number | null;

const ofLanding = (id: string, landing: Landing): string => (landing === null ? id : `${id}:${landing}`);

/**
 * Id of what one instruction caused: the same whoever reads the transaction.
 * @param n place of the instruction among the listed ones.
 */
export const instructionEventId = (
  signature: string,
  n: number,
  type: MessageType,
  landing: Landing = null,
): string => ofLanding(`${signature}:${n}:${type}`, landing);

/** Place of the instruction that caused what an id of `instructionEventId` is about. */
export const instructionOf = (id: string): number => Number(id.split(":")[1]);

/** Id of a transaction's reaching a status. */
export const transactionEventId = (
  signature: string,
  status: TransactionUpdate["status"],
  landing: Landing = null,
): string => ofLanding(`${signature}:${status}`, landing);

/** Id of the market of a coin after what an instruction did to it was taken back. */
export const correctionEventId = (signature: string, n: number, landing: Landing): string =>
  ofLanding(`${instructionEventId(signature, n, "MarketData")}:dropped`, landing);
