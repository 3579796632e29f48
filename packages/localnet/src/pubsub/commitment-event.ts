import type { Block, Commitment } from "../ledger/block.ts";
import type { LedgerEvent } from "../ledger/events.ts";

const EVENT_OF: Record<Commitment, LedgerEvent["type"]> = {
  processed: "frozen",
  confirmed: "confirmed",
  finalized: "finalized",
};

/** The block of an event that brings it to a commitment; null for all other events. */
export const blockReaching = (event: LedgerEvent, commitment: Commitment): Block | null =>
  event.type === EVENT_OF[commitment] && "block" in event ? event.block : null;

/**
 * Whether a node looks at this block when it reports a commitment. It looks at each processed and confirmed block, but
 * of those that become final at once only at the newest: what the others hold, nobody is told at `finalized`
 * (`rpc_subscriptions.rs` of agave goes by its highest root).
 */
export const isReported = (event: LedgerEvent): boolean => event.type !== "finalized" || event.isRoot;
