import type { Dispatch } from "../json-rpc.ts";
import {
  blockNotAvailable,
  blockStatusNotAvailable,
  minContextSlotNotReached,
  nodeUnhealthy,
  transactionNotFound,
} from "../rpc/errors.ts";
import { withoutBlocks } from "./missing-blocks.ts";
import { createMissingTransactions } from "./missing-transactions.ts";
import type { FaultSwitches } from "./switches.ts";
import { withoutTransactionIndex } from "./transaction-index.ts";

/** `DELINQUENT_VALIDATOR_SLOT_DISTANCE` of agave, from which on `getHealth` complains. */
const HEALTHY_SLOTS_BEHIND = 128;

/** The signature of `before`, else of `until`; null without either. */
const cursorOf = (params: readonly unknown[]): string | null => {
  const { before, until } = (params[1] ?? {}) as { before?: unknown; until?: unknown };
  const cursor = before ?? until;
  return typeof cursor === "string" ? cursor : null;
};

interface Position {
  readonly processedSlot: () => number;
  readonly slotsBehind: () => number;
}

/** Answers RPC calls as a node in trouble does. */
export const withRpcFaults = (
  faults: FaultSwitches,
  { processedSlot, slotsBehind }: Position,
  dispatch: Dispatch,
): Dispatch => {
  const isMissing = createMissingTransactions(faults);
  return (method, params) => {
    const unhealthy = faults.strike("unhealthy", method);
    if (unhealthy) throw nodeUnhealthy(unhealthy.slotsBehind ?? null);
    if (method === "getHealth" && slotsBehind() > HEALTHY_SLOTS_BEHIND) throw nodeUnhealthy(slotsBehind());
    if (faults.strike("minContextSlot", method)) throw minContextSlotNotReached(processedSlot());
    if (method === "getSignaturesForAddress") {
      const cursor = cursorOf(params);
      if (cursor !== null && faults.strike("unknownCursor")) throw transactionNotFound(cursor);
    }
    if (method === "getBlock") {
      const unavailable = faults.strike("blockNotAvailable");
      const refuse = unavailable?.code === -32_014 ? blockStatusNotAvailable : blockNotAvailable;
      if (unavailable) throw refuse(Number(params[0]));
    }
    const range = faults.setting("missingBlocks");
    const answer = dispatch(method, params);
    const known = range ? withoutBlocks(range, { method, params, answer }) : answer;
    const result = faults.setting("noTransactionIndex") ? withoutTransactionIndex(method, known) : known;
    return method === "getTransaction" && result !== null && isMissing(String(params[0])) ? null : result;
  };
};
