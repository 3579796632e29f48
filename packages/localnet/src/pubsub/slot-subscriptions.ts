import type { LedgerEvent } from "../ledger/events.ts";
import type { Subscribe } from "./subscription.ts";

/** `slotSubscribe`: a slot whose processing begins. */
export const subscribeSlot: Subscribe = () => ({
  notification: "slotNotification",
  key: "slot",
  report: (event) =>
    event.type === "created"
      ? { results: [{ slot: event.slot, parent: event.parent, root: event.root }] }
      : null,
});

/** `rootSubscribe`: the number of a slot that became final. */
export const subscribeRoot: Subscribe = () => ({
  notification: "rootNotification",
  key: "root",
  report: (event) => (event.type === "finalized" ? { results: [event.block.slot] } : null),
});

/** Updates that one event stands for, in the shapes of agave's `SlotUpdate`. */
const slotUpdates = (event: LedgerEvent, timestamp: number): unknown[] => {
  switch (event.type) {
    case "received":
    case "forked":
      return [];
    case "created":
      return [
        { slot: event.slot, timestamp, type: "firstShredReceived" },
        { parent: event.parent, slot: event.slot, timestamp, type: "createdBank" },
      ];
    case "frozen": {
      const { slot, transactions } = event.block;
      const failed = transactions.filter(({ executed }) => executed.meta.err !== null).length;
      const stats = {
        numTransactionEntries: transactions.length,
        numSuccessfulTransactions: transactions.length - failed,
        numFailedTransactions: failed,
        maxTransactionsPerEntry: Math.min(transactions.length, 1),
      };
      return [
        { slot, timestamp, type: "completed" },
        { slot, stats, timestamp, type: "frozen" },
      ];
    }
    case "confirmed":
      return [{ slot: event.block.slot, timestamp, type: "optimisticConfirmation" }];
    case "finalized":
      return [{ slot: event.block.slot, timestamp, type: "root" }];
    default:
      return event satisfies never;
  }
};

/** `slotsUpdatesSubscribe`: every step of every slot, with milliseconds. */
export const subscribeSlotsUpdates: Subscribe = (node) => ({
  notification: "slotsUpdatesNotification",
  key: "slotsUpdates",
  report: (event) => {
    const results = slotUpdates(event, node.now());
    return results.length === 0 ? null : { results };
  },
});
