import { TransactionRejected } from "./engine/engine.ts";
import { BLOCKHASH_MAX_AGE_BLOCKS } from "./engine/recent-blockhashes.ts";
import type { ExecutedTransaction } from "./ledger/transaction.ts";
import type { LocalNode } from "./node.ts";
import { encodeTransaction } from "./wire/transaction.ts";

export interface ForkOptions {
  /** Complete blocks that are lost, newest first: with 1 only what is `processed`, with more what is `confirmed`. */
  readonly depth: number;
  /**
   * `all` puts what was lost into the first block of the new fork, in its old order and executed anew. What names a
   * blockhash of the lost fork cannot land there, as on a real chain. Default `none`.
   */
  readonly reland?: "none" | "all";
}

export interface ForkReport {
  /** The newest block that both forks have. */
  readonly baseSlot: number;
  /** Slots that lost their block, ascending. They count as skipped from now on. */
  readonly lostSlots: readonly number[];
  /** Signatures of the lost blocks, in ledger order. */
  readonly lost: readonly string[];
  /** Those of them that landed again. */
  readonly relanded: readonly string[];
}

/** What can go wrong with a chain, on demand; for all endpoints alike. */
export interface Chain {
  /** Leaves out `slots` slots after the open one: no block, ever. */
  readonly skip: (slots: number) => void;
  /**
   * The node finds that the cluster went on without its newest blocks: it drops them and the open slot, and replays
   * the other fork at once until that is confirmed above all that was lost. Accounts go back with their transactions.
   * @throws {RangeError} when a finalized block would be lost.
   */
  readonly fork: (options: ForkOptions) => ForkReport;
  /**
   * Puts a transaction that a fork lost into the open slot.
   * @returns false when the chain does not take it (any more): its blockhash is too old or of the lost fork.
   */
  readonly reland: (signature: string) => boolean;
  /** Finality stands still for `blocks` blocks; the one after them makes all final at once. */
  readonly rootJump: (blocks: number) => void;
}

export const createChain = (node: LocalNode): Chain => {
  const { ledger } = node;
  /** Lost transactions, each with the slot that was open then. */
  const lost = new Map<string, { readonly executed: ExecutedTransaction; readonly lostAt: number }>();

  const forgetOld = (): void => {
    for (const [signature, { lostAt }] of lost) {
      if (lostAt < ledger.openSlot() - BLOCKHASH_MAX_AGE_BLOCKS) lost.delete(signature);
    }
  };

  const land = (executed: ExecutedTransaction): void => {
    // Recordings cannot run: they land as they are.
    if (executed.accountsBefore) node.send(encodeTransaction(executed.transaction, executed.version));
    else node.submit(executed);
  };

  const reland = (signature: string): boolean => {
    const found = lost.get(signature);
    if (!found || ledger.has(signature)) return false;
    try {
      land(found.executed);
    } catch (error) {
      if (error instanceof TransactionRejected) return false;
      throw error;
    }
    lost.delete(signature);
    return true;
  };

  return {
    skip: ledger.skip,
    reland,
    rootJump: ledger.holdRoot,
    fork: ({ depth, reland: wanted = "none" }) => {
      const blocks = ledger.fork(depth);
      forgetOld();
      const executed = blocks.flatMap(({ transactions }) => transactions.map(({ executed }) => executed));
      for (const each of executed) {
        lost.set(each.signature, { executed: each, lostAt: ledger.openSlot() });
      }
      const signatures = executed.map(({ signature }) => signature);
      const relanded = wanted === "all" ? signatures.filter(reland) : [];
      const lostSlots = blocks.map(({ slot }) => slot);
      const baseSlot = blocks[0]?.parentSlot ?? 0;
      while (ledger.slot("confirmed") <= (lostSlots.at(-1) ?? 0)) node.advance();
      return { baseSlot, lostSlots, lost: signatures, relanded };
    },
  };
};
