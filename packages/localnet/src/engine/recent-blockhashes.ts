import type { ExecutedTransaction } from "../ledger/transaction.ts";

/** How many blocks a blockhash may be used after its own: `MAX_PROCESSING_AGE` of the Solana runtime. */
export const BLOCKHASH_MAX_AGE_BLOCKS = 150;

/**
 * The blockhashes that transactions may name, and under each the signatures that were seen with it: a signature is
 * refused a second time as long as its blockhash could still be used.
 */
export const createRecentBlockhashes = () => {
  const signaturesOf = new Map<string, Set<string>>();
  let latest = "";
  return {
    add: (blockhash: string): void => {
      signaturesOf.set(blockhash, new Set());
      latest = blockhash;
      while (signaturesOf.size > BLOCKHASH_MAX_AGE_BLOCKS + 1) {
        const oldest = signaturesOf.keys().next();
        if (oldest.done) break;
        signaturesOf.delete(oldest.value);
      }
    },
    latest: (): string => latest,
    has: (blockhash: string): boolean => signaturesOf.has(blockhash),
    wasProcessed: (blockhash: string, signature: string): boolean =>
      signaturesOf.get(blockhash)?.has(signature) ?? false,
    recordProcessed: (blockhash: string, signature: string): void => {
      signaturesOf.get(blockhash)?.add(signature);
    },
    /** Blockhashes and signatures that a lost fork brought are as if they had never been. */
    forget: (blockhashes: readonly string[], processed: readonly ExecutedTransaction[]): void => {
      for (const blockhash of blockhashes) signaturesOf.delete(blockhash);
      for (const { signature, transaction } of processed) {
        signaturesOf.get(transaction.message.recentBlockhash)?.delete(signature);
      }
    },
  };
};
