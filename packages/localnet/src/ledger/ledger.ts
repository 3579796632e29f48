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
  /** Slots after which a block is confirmed. */
  readonly confirmationSlots?: number;
  /** Slots after which a block is finalized. */
  readonly finalitySlots?: number;
  /** Finalized blocks below the newest so many slots are forgotten. */
  readonly retainedSlots?: number;
}

const hash = (...parts: readonly string[]): string =>
  toBase58(createHash("sha256").update(parts.join("\n")).digest());

/**
 * Slots, blocks and transactions of a chain without forks. Nothing happens by itself: `advance` completes the open
 * slot, and moves commitment along.
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
  const reached: Record<Commitment, number> = { processed: 0, confirmed: 0, finalized: 0 };
  let open: LedgerTransaction[] = [];
  const openSignatures = new Set<string>();
  const countUpTo = new Map([[0, 0]]);

  const emit = (event: LedgerEvent): void => {
    for (const listener of listeners) listener(event);
  };

  /** Moves a commitment up to `slot`, block by block. */
  const raise = (commitment: "confirmed" | "finalized", slot: number): void => {
    while (reached[commitment] < slot) {
      reached[commitment] += 1;
      const block = blocks.get(reached[commitment]);
      if (block) emit({ type: commitment, block });
    }
  };

  const forgetOld = (): void => {
    const [oldest] = blocks.values();
    if (!oldest || oldest.slot > tip.slot - retainedSlots || oldest.slot >= reached.finalized) return;
    blocks.delete(oldest.slot);
    countUpTo.delete(oldest.slot);
    byAddress.removeOldest(oldest);
    for (const { executed } of oldest.transactions) bySignature.delete(executed.signature);
  };

  return {
    genesisHash,
    /** The slot that is being filled. */
    openSlot: (): number => tip.slot + 1,
    /** Number of transactions in the slot that is being filled. */
    openTransactions: (): number => open.length,

    /** Puts a transaction into the open slot. @throws when the ledger has it already. */
    add: (executed: ExecutedTransaction): LedgerTransaction => {
      const { signature } = executed;
      if (bySignature.has(signature) || openSignatures.has(signature)) {
        throw new Error(`Transaction ${signature} is in the ledger already`);
      }
      const transaction = { executed, slot: tip.slot + 1, index: open.length };
      open.push(transaction);
      openSignatures.add(signature);
      emit({ type: "received", slot: transaction.slot, signature });
      return transaction;
    },

    has: (signature: string): boolean => bySignature.has(signature) || openSignatures.has(signature),

    /** Completes the open slot, raises commitments, and begins the next slot. */
    advance: (): Block => {
      const slot = tip.slot + 1;
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
      emit({ type: "frozen", block });
      raise("confirmed", slot - confirmationSlots);
      raise("finalized", slot - finalitySlots);
      forgetOld();
      emit({ type: "created", slot: slot + 1, parent: slot, root: reached.finalized });
      return block;
    },

    /** Newest slot of a commitment. */
    slot: (commitment: Commitment): number => reached[commitment],
    /** Null for a slot that is not complete, or forgotten. */
    block: (slot: number): Block | null => blocks.get(slot) ?? null,
    firstAvailableSlot: (): number => blocks.keys().next().value ?? 0,
    /** Null when unknown, forgotten, or not in a complete block yet. */
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
