import { config, contextConfig, contextSlot, slot } from "./params.ts";
import { method, type RpcMethods, SOLANA_CORE_VERSION } from "./method.ts";
import { z } from "zod";

/** Feature set of the release above; only its type matters to clients. */
const FEATURE_SET = 3_640_012_085;
/** Epochs of the public clusters, without warm-up. */
const SLOTS_IN_EPOCH = 432_000;

/** Methods about the node and the cluster. */
export const clusterMethods: RpcMethods = {
  getHealth: method([], () => "ok"),
  getVersion: method([], () => ({ "feature-set": FEATURE_SET, "solana-core": SOLANA_CORE_VERSION })),
  getGenesisHash: method([], ({ ledger }) => ledger.genesisHash),
  getSlot: method([contextConfig], ({ ledger }, options) => contextSlot(ledger, options)),
  getBlockHeight: method(
    [contextConfig],
    ({ ledger }, options) => ledger.block(contextSlot(ledger, options))?.blockHeight,
  ),
  getEpochInfo: method([contextConfig], ({ ledger }, options) => {
    const absoluteSlot = contextSlot(ledger, options);
    return {
      absoluteSlot,
      blockHeight: ledger.block(absoluteSlot)?.blockHeight,
      epoch: Math.floor(absoluteSlot / SLOTS_IN_EPOCH),
      slotIndex: absoluteSlot % SLOTS_IN_EPOCH,
      slotsInEpoch: SLOTS_IN_EPOCH,
      transactionCount: ledger.transactionCount(absoluteSlot),
    };
  }),
  getTransactionCount: method([contextConfig], ({ ledger }, options) =>
    ledger.transactionCount(contextSlot(ledger, options)),
  ),
  getFirstAvailableBlock: method([], ({ ledger }) => ledger.firstAvailableSlot()),
  minimumLedgerSlot: method([], ({ ledger }) => ledger.firstAvailableSlot()),
  getMinimumBalanceForRentExemption: method([slot, config({})], ({ engine }, bytes) =>
    Number(engine.rentExemptLamports(bytes)),
  ),
  getRecentPrioritizationFees: method([z.array(z.string()).nullish()], () => []),
};
