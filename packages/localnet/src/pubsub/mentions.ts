import { accountKeysOf, type LedgerTransaction } from "../ledger/block.ts";

const VOTE_PROGRAM = "Vote111111111111111111111111111111111111111";
const keySets = new WeakMap<LedgerTransaction, ReadonlySet<string>>();

/** Whether a transaction names an address, be it through a lookup table. */
export const mentions = (transaction: LedgerTransaction, address: string): boolean => {
  let keys = keySets.get(transaction);
  if (!keys) {
    keys = new Set(accountKeysOf(transaction.executed));
    keySets.set(transaction, keys);
  }
  return keys.has(address);
};

/** A transaction that does nothing but vote. */
export const isVote = ({ executed }: LedgerTransaction): boolean => {
  const { accountKeys, instructions } = executed.transaction.message;
  const [only] = instructions;
  return instructions.length === 1 && accountKeys[only?.programIdIndex ?? 0] === VOTE_PROGRAM;
};
