import { z } from "zod";
import { BLOCKHASH_MAX_AGE_BLOCKS } from "../engine/recent-blockhashes.ts";
import type { Block } from "../ledger/block.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { encodeBlock } from "./encode-block.ts";
import { blockCleanedUp, blockNotAvailable, invalidParams, slotSkipped } from "./errors.ts";
import { method, type RpcMethods, withContext } from "./method.ts";
import {
  atLeastConfirmed,
  commitment,
  config,
  contextConfig,
  contextSlot,
  slot,
  transactionEncoding,
} from "./params.ts";

const MAX_BLOCKS_RANGE = 500_000;

const readBlock = (ledger: Ledger, slot: number, newest: number): Block => {
  const first = ledger.firstAvailableSlot();
  if (slot < first) throw blockCleanedUp(slot, first);
  if (slot > newest) throw blockNotAvailable(slot);
  const block = ledger.block(slot);
  if (block) return block;
  // Above the root, agave looks for the slot among the ancestors of the newest block, and says no more of others.
  throw slot > ledger.slot("finalized") ? blockNotAvailable(slot) : slotSkipped(slot);
};

const blockConfig = config({
  encoding: transactionEncoding.nullish(),
  transactionDetails: z.enum(["full", "accounts", "signatures", "none"]).nullish(),
  rewards: z.boolean().nullish(),
  commitment: commitment.nullish(),
  maxSupportedTransactionVersion: z.int().min(0).max(255).nullish(),
});

/** Slots with a block from `start` on, at most `limit` of them. */
const slotsWithBlocks = (ledger: Ledger, start: number, end: number): number[] => {
  const slots: number[] = [];
  for (let slot = Math.max(start, ledger.firstAvailableSlot()); slot <= end; slot += 1) {
    if (ledger.block(slot)) slots.push(slot);
  }
  return slots;
};

const commitmentConfig = config({ commitment: commitment.nullish(), minContextSlot: slot.nullish() });

/** Methods about blocks and blockhashes. */
export const blockMethods: RpcMethods = {
  getBlock: method([slot, z.union([transactionEncoding, blockConfig])], ({ ledger }, slot, given) => {
    const options = typeof given === "string" ? { encoding: given } : given;
    const newest = ledger.slot(atLeastConfirmed(options?.commitment));
    return encodeBlock(readBlock(ledger, slot, newest), {
      encoding: options?.encoding ?? "json",
      transactionDetails: options?.transactionDetails ?? "full",
      rewards: options?.rewards ?? true,
      maxSupportedTransactionVersion: options?.maxSupportedTransactionVersion,
    });
  }),
  // The end may be left out, and then the configuration takes its place.
  getBlocks: method(
    [slot, z.union([slot, commitmentConfig]), commitmentConfig],
    ({ ledger }, start, second, third) => {
      const options = typeof second === "number" ? third : (third ?? second);
      const newest = ledger.slot(atLeastConfirmed(options?.commitment));
      const end = typeof second === "number" ? second : Math.min(start + MAX_BLOCKS_RANGE, newest);
      if (end - start > MAX_BLOCKS_RANGE) {
        throw invalidParams(`Slot range too large; max ${MAX_BLOCKS_RANGE}`);
      }
      return slotsWithBlocks(ledger, start, Math.min(end, newest));
    },
  ),
  getBlockTime: method(
    [slot],
    ({ ledger }, slot) => readBlock(ledger, slot, ledger.slot("confirmed")).blockTime,
  ),
  getLatestBlockhash: method([contextConfig], ({ ledger }, options) => {
    const slot = contextSlot(ledger, options);
    const block = ledger.block(slot);
    return withContext(slot, {
      blockhash: block?.blockhash,
      lastValidBlockHeight: (block?.blockHeight ?? 0) + BLOCKHASH_MAX_AGE_BLOCKS,
    });
  }),
  isBlockhashValid: method([z.string(), contextConfig], ({ ledger, engine }, blockhash, options) =>
    withContext(contextSlot(ledger, options), engine.isBlockhashValid(blockhash)),
  ),
};
