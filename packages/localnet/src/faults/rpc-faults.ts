import type { Dispatch } from "../json-rpc.ts";
import { minContextSlotNotReached, nodeUnhealthy, transactionNotFound } from "../rpc/errors.ts";
import { createMissingTransactions } from "./missing-transactions.ts";
import type { FaultSwitches } from "./switches.ts";

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
    const result = dispatch(method, params);
    return method === "getTransaction" && result !== null && isMissing(String(params[0])) ? null : result;
  };
};
