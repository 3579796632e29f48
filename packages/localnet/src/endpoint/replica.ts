import { createLogCutter, type LogCutter } from "../faults/truncated-logs.ts";
import type { FaultSwitches } from "../faults/switches.ts";
import type { Commitment } from "../ledger/block.ts";
import type { LedgerEvent, LedgerListener } from "../ledger/events.ts";
import type { LocalNode } from "../node.ts";

/**
 * The chain as one endpoint sees it: it may hear of everything some slots later than it happens, and show less of
 * the logs. Without faults it sees what there is, at once.
 */
export const createReplica = (node: LocalNode, faults: FaultSwitches) => {
  const { ledger } = node;
  const reached: Record<Commitment, number> = {
    processed: ledger.slot("processed"),
    confirmed: ledger.slot("confirmed"),
    finalized: ledger.slot("finalized"),
  };
  const listeners = new Set<LedgerListener>();
  const queue: LedgerEvent[] = [];
  /** Slots in the queue. */
  let behind = 0;
  let cutter: LogCutter | null = null;

  const withCutLogs = (event: LedgerEvent): LedgerEvent =>
    cutter && "block" in event ? { ...event, block: cutter.block(event.block) } : event;

  const apply = (event: LedgerEvent): void => {
    if (event.type === "frozen") reached.processed = event.block.slot;
    if (event.type === "confirmed" || event.type === "finalized") reached[event.type] = event.block.slot;
    const seen = withCutLogs(event);
    for (const listener of listeners) listener(seen);
  };

  /** Goes on to where the lag allows it. */
  const catchUp = (): void => {
    // Without a lag also what came since the last complete slot.
    const lag = faults.setting("lag")?.slots ?? -1;
    while (behind > lag) {
      const event = queue.shift();
      if (!event) return;
      if (event.type === "created") behind -= 1;
      apply(event);
    }
  };

  /** What it did not see yet of a lost fork, it never sees. */
  const goOver = (event: Extract<LedgerEvent, { type: "forked" }>): void => {
    const { base } = event;
    const kept = queue.filter((queued) => {
      if (queued.type === "received") return queued.transaction.slot <= base.slot;
      if (queued.type === "created") return queued.slot <= base.slot;
      return "block" in queued && queued.block.slot <= base.slot;
    });
    queue.splice(0, queue.length, ...kept);
    behind = kept.filter(({ type }) => type === "created").length;
    reached.processed = Math.min(reached.processed, base.slot);
    reached.confirmed = Math.min(reached.confirmed, base.slot);
    apply(event);
  };

  ledger.subscribe((event) => {
    if (event.type === "forked") return goOver(event);
    if (queue.length === 0 && !faults.setting("lag")) return apply(event);
    queue.push(event);
    if (event.type !== "created") return;
    behind += 1;
    catchUp();
  });
  faults.onSwitch((name) => {
    if (name === "lag") catchUp();
    const bytes = faults.setting("truncateLogs")?.bytes;
    if (bytes !== cutter?.bytes) cutter = bytes === undefined ? null : createLogCutter(bytes);
  });
  node.keepAccountsFrom(() => reached.finalized);

  const view: LocalNode = {
    ...node,
    ledger: {
      ...ledger,
      slot: (commitment) => reached[commitment],
      block: (slot) => {
        const block = slot <= reached.processed ? ledger.block(slot) : null;
        return block && cutter ? cutter.block(block) : block;
      },
      transaction: (signature) => {
        const found = ledger.transaction(signature);
        if (!found || found.slot > reached.processed) return null;
        return cutter ? cutter.transaction(found) : found;
      },
      commitmentOf: (slot) => {
        if (slot <= reached.finalized) return "finalized";
        return slot <= reached.confirmed ? "confirmed" : "processed";
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };

  return {
    /** The node behind the endpoint's RPC methods and subscriptions. */
    view,
    slotsBehind: (): number => ledger.slot("processed") - reached.processed,
  };
};
