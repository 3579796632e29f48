import { createHash } from "node:crypto";
import { toBase58 } from "../wire/base58.ts";
import { createAddressIndex } from "./address-index.ts";
import type { Block, Commitment, LedgerTransaction } from "./block.ts";
import type { LedgerEvent, LedgerListener } from "./events.ts";
import type { ExecutedTransaction } from "./transaction.ts";

/** About twenty minutes at 400 ms a slot. */
const DEFAULT_RETAINED_SLOTS = 3_000;
/** Votes for a slot arrive with the next one. */
const DEFAULT_CONFIRMATION_SLOTS = 1;
/** Depth of a root before Alpenglow. */
const DEFAULT_FINALITY_SLOTS = 32;

export interface LedgerOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Ledgers of the same name have the same blockhashes. */
  readonly genesis: string;
  /** Blocks on top of it with which a block is confirmed; skipped slots do not count. */
  readonly confirmationSlots?: number;
  /** Blocks on top of it with which a block is finalized; skipped slots do not count. */
  readonly finalitySlots?: number;
  /** Finalized blocks below the newest so many slots are forgotten. */
  readonly retainedSlots?: number;
}

const hash = (...parts: readonly string[]): string =>
  toBase58(createHash("sha256").update(parts.join("\n")).digest());

/**
 * Slots, blocks and transactions of the chain that a node follows. Nothing happens by itself: `advance` completes the
 * open slot and moves commitment along, `fork` goes over to another chain.
 */
export const createLedger = ({
  now,
  genesis,
  confirmationSlots = DEFAULT_CONFIRMATION_SLOTS,
  finalitySlots = DEFAULT_FINALITY_SLOTS,
  retainedSlots = DEFAULT_RETAINED_SLOTS,
}: LedgerOptions) => {
  const genesisHash = hash(genesis);
  const blocks = new Map<number, Block>();
  const bySignature = new Map<string, LedgerTransaction>();
  const byAddress = createAddressIndex();
  const listeners = new Set<LedgerListener>();
  const first: Block = {
    slot: 0,
    parentSlot: 0,
    blockhash: genesisHash,
    previousBlockhash: genesisHash,
    blockTime: Math.floor(now() / 1_000),
    blockHeight: 0,
    transactions: [],
  };
  blocks.set(0, first);
  let tip = first;
  let openSlot = 1;
  let skipping = 0;
  let heldRoots = 0;
  const reached: Record<Commitment, number> = { processed: 0, confirmed: 0, finalized: 0 };
  let open: LedgerTransaction[] = [];
  const openSignatures = new Set<string>();
  const countUpTo = new Map([[0, 0]]);

  const emit = (event: LedgerEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const ancestorOf = (block: Block, depth: number): Block => {
    let ancestor = block;
    for (let step = 0; step < depth; step += 1) ancestor = blocks.get(ancestor.parentSlot) ?? ancestor;
    return ancestor;
  };

  /** Moves a commitment up to a block, one block after the other. */
  const raise = (type: "confirmed" | "finalized", target: Block): void => {
    for (let slot = reached[type] + 1; slot <= target.slot; slot += 1) {
      const block = blocks.get(slot);
      if (!block) continue;
      reached[type] = slot;
      emit(type === "confirmed" ? { type, block } : { type, block, isRoot: block === target });
    }
  };

  const raiseRoot = (): void => {
    if (heldRoots > 0) heldRoots -= 1;
    else raise("finalized", ancestorOf(tip, finalitySlots));
  };

  /** The slot after `slot`, or after those that are to be skipped. */
  const nextSlot = (slot: number): number => {
    const next = slot + 1 + skipping;
    skipping = 0;
    return next;
  };

  const forgetOld = (): void => {
    for (const oldest of blocks.values()) {
      if (oldest.slot > tip.slot - retainedSlots || oldest.slot >= reached.finalized) return;
      blocks.delete(oldest.slot);
      countUpTo.delete(oldest.slot);
      byAddress.removeOldest(oldest);
      for (const { executed } of oldest.transactions) bySignature.delete(executed.signature);
    }
  };

  /** Takes the newest block off the chain. */
  const loseTip = (): Block => {
    const lost = tip;
    blocks.delete(lost.slot);
    countUpTo.delete(lost.slot);
    byAddress.removeNewest(lost);
    for (const { executed } of lost.transactions) bySignature.delete(executed.signature);
    tip = blocks.get(lost.parentSlot) ?? first;
    return lost;
  };

  return {
    genesisHash,
    /** The slot that is being filled. */
    openSlot: (): number => openSlot,
    /** Number of transactions in the slot that is being filled. */
    openTransactions: (): number => open.length,

    /** Puts a transaction into the open slot. @throws when the ledger has it already. */
    add: (executed: ExecutedTransaction): LedgerTransaction => {
      const { signature } = executed;
      if (bySignature.has(signature) || openSignatures.has(signature)) {
        throw new Error(`Transaction ${signature} is in the ledger already`);
      }
      const transaction = { executed, slot: openSlot, index: open.length };
      open.push(transaction);
      openSignatures.add(signature);
      emit({ type: "received", transaction });
      return transaction;
    },

    has: (signature: string): boolean => bySignature.has(signature) || openSignatures.has(signature),

    /** Completes the open slot, raises commitments, and begins the next slot. */
    advance: (): Block => {
      const slot = openSlot;
      const block: Block = {
        slot,
        parentSlot: tip.slot,
        blockhash: hash(tip.blockhash, String(slot)),
        previousBlockhash: tip.blockhash,
        blockTime: Math.floor(now() / 1_000),
        blockHeight: tip.blockHeight + 1,
        transactions: open,
      };
      open = [];
      openSignatures.clear();
      blocks.set(slot, block);
      countUpTo.set(slot, (countUpTo.get(tip.slot) ?? 0) + block.transactions.length);
      tip = block;
      for (const transaction of block.transactions) {
        bySignature.set(transaction.executed.signature, transaction);
      }
      byAddress.add(block);
      reached.processed = slot;
      openSlot = nextSlot(slot);
      emit({ type: "frozen", block });
      raise("confirmed", ancestorOf(block, confirmationSlots));
      raiseRoot();
      forgetOld();
      emit({ type: "created", slot: openSlot, parent: slot, root: reached.finalized });
      return block;
    },

    /** Leaves out slots after the open one: there will never be a block in them. */
    skip: (slots: number): void => {
      skipping += slots;
    },

    /** Finality stands still for so many blocks; the next one makes them final all at once. */
    holdRoot: (blocks: number): void => {
      heldRoots = blocks;
    },

    /**
     * Loses the newest `depth` blocks and the open slot to another fork, whose first slot is open now. Their slots
     * stay empty for ever; blocks that were confirmed can be among them.
     * @throws {RangeError} when a finalized block would be lost.
     */
    fork: (depth: number): readonly Block[] => {
      const most = tip.blockHeight - (blocks.get(reached.finalized)?.blockHeight ?? 0);
      if (depth < 1 || depth > most) {
        throw new RangeError(
          `A fork loses 1 to ${most} blocks now, not ${depth}: everything below is finalized`,
        );
      }
      const lost = Array.from({ length: depth }, loseTip).reverse();
      const unfinished = open;
      open = [];
      openSignatures.clear();
      openSlot = nextSlot(openSlot);
      reached.processed = tip.slot;
      reached.confirmed = Math.min(reached.confirmed, tip.slot);
      emit({ type: "forked", base: tip, lost, unfinished });
      emit({ type: "created", slot: openSlot, parent: tip.slot, root: reached.finalized });
      return lost;
    },

    /** Newest slot of a commitment. */
    slot: (commitment: Commitment): number => reached[commitment],
    /** Null for a slot that is not complete, skipped, lost or forgotten. */
    block: (slot: number): Block | null => blocks.get(slot) ?? null,
    firstAvailableSlot: (): number => blocks.keys().next().value ?? 0,
    /** Null when unknown, lost, forgotten, or not in a complete block yet. */
    transaction: (signature: string): LedgerTransaction | null => bySignature.get(signature) ?? null,
    /** Transactions that name the address, oldest first. */
    transactionsOf: byAddress.of,
    /** Number of transactions up to and including a slot that is still available. */
    transactionCount: (slot: number): number => countUpTo.get(slot) ?? 0,
    commitmentOf: (slot: number): Commitment => {
      if (slot <= reached.finalized) return "finalized";
      return slot <= reached.confirmed ? "confirmed" : "processed";
    },

    /** Listeners are called synchronously, in the order of their subscription. */
    subscribe: (listener: LedgerListener): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

export type Ledger = ReturnType<typeof createLedger>;
