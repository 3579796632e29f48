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
