import { createLogCollector } from "../engine/program-logs.ts";
import type { Block, LedgerTransaction } from "../ledger/block.ts";

/** Shows transactions with their logs cut after `bytes`; equal ones are the same object each time. */
export const createLogCutter = (bytes: number) => {
  const blocks = new WeakMap<Block, Block>();
  const cutTransaction = (transaction: LedgerTransaction): LedgerTransaction => {
    const { executed } = transaction;
    const collector = createLogCollector(bytes);
    for (const line of executed.meta.logMessages ?? []) collector.add(line);
    const meta = { ...executed.meta, logMessages: collector.lines };
    return { ...transaction, executed: { ...executed, meta } };
  };
  return {
    bytes,
    transaction: cutTransaction,
    block: (block: Block): Block => {
      const known = blocks.get(block);
      if (known) return known;
      const cut = { ...block, transactions: block.transactions.map(cutTransaction) };
      blocks.set(block, cut);
      return cut;
    },
  };
};

export type LogCutter = ReturnType<typeof createLogCutter>;
