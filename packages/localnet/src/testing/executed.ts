import type { ExecutedTransaction } from "../ledger/transaction.ts";

/** A transaction that names some addresses and did nothing. */
export const executedTransaction = (signature: string, ...accountKeys: string[]): ExecutedTransaction => ({
  signature,
  version: 0,
  transaction: {
    signatures: [signature],
    message: {
      accountKeys,
      header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 0 },
      recentBlockhash: "",
      instructions: [],
    },
  },
  meta: {
    err: null,
    status: { Ok: null },
    fee: 5_000,
    preBalances: [],
    postBalances: [],
    preTokenBalances: [],
    postTokenBalances: [],
    innerInstructions: [],
    logMessages: [],
    rewards: [],
    loadedAddresses: { writable: ["table-writable"], readonly: ["table-readonly"] },
  },
  accounts: new Map(),
});
