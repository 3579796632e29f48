import { accountKeysOf, type Block, type LedgerTransaction } from "./block.ts";

/** Transactions by the addresses they name, in ledger order. */
export const createAddressIndex = () => {
  const byAddress = new Map<string, LedgerTransaction[]>();
  return {
    add: (block: Block): void => {
      for (const transaction of block.transactions) {
        for (const address of new Set(accountKeysOf(transaction.executed))) {
          const list = byAddress.get(address);
          if (list) list.push(transaction);
          else byAddress.set(address, [transaction]);
        }
      }
    },
    /** Forgets the oldest block, which must have been added before all that remain. */
    removeOldest: (block: Block): void => {
      const addresses = new Set(
        block.transactions.flatMap((transaction) => accountKeysOf(transaction.executed)),
      );
      for (const address of addresses) {
        const list = byAddress.get(address) ?? [];
        const kept = list.findIndex((transaction) => transaction.slot > block.slot);
        if (kept < 0) byAddress.delete(address);
        else list.splice(0, kept);
      }
    },
    /** Forgets the newest block. */
    removeNewest: (block: Block): void => {
      const addresses = new Set(
        block.transactions.flatMap((transaction) => accountKeysOf(transaction.executed)),
      );
      for (const address of addresses) {
        const list = byAddress.get(address) ?? [];
        while (list.at(-1)?.slot === block.slot) list.pop();
        if (list.length === 0) byAddress.delete(address);
      }
    },
    /** Oldest first. */
    of: (address: string): readonly LedgerTransaction[] => byAddress.get(address) ?? [],
  };
};
