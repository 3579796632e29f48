// Named import: fake timers of a test replace the global function, and this one must still run.
import { setImmediate } from "node:timers";
import type { Position } from "@commcoin/protocol";
import type { Delivery } from "./broker.ts";

/** One subscription on its way: collects what arrives until its position is known, then passes on what is newer. */
export interface Subscriber {
  offer(delivery: Delivery): void;
  /**
   * Fixes the position. Deliveries begin in a later turn of the event loop, so that whoever awaits the subscription
   * has its position in hand first.
   */
  begin(position: Position): void;
  /** Nothing is delivered from now on. */
  stop(): void;
}

export function createSubscriber(deliver: (delivery: Delivery) => void): Subscriber {
  let state: "waiting" | "live" | "stopped" = "waiting";
  let waiting: Delivery[] = [];
  let seenEpoch = "";
  let seenOffset = 0;

  const pass = (delivery: Delivery): void => {
    if (delivery.epoch === seenEpoch && delivery.offset <= seenOffset) return;
    seenEpoch = delivery.epoch;
    seenOffset = delivery.offset;
    deliver(delivery);
  };
  const passWaiting = (position: Position): void => {
    // Grows while it is walked through, when `deliver` publishes.
    for (const delivery of waiting) {
      if (state === "stopped") return;
      // Of another epoch it cannot be told here whether it came before or after the position. If after, the next
      // delivery shows the new epoch as well.
      if (delivery.epoch === position.epoch) pass(delivery);
    }
    waiting = [];
    if (state === "waiting") state = "live";
  };
  return {
    offer(delivery) {
      if (state === "live") pass(delivery);
      else if (state === "waiting") waiting.push(delivery);
    },
    begin(position) {
      seenEpoch = position.epoch;
      seenOffset = position.offset;
      setImmediate(() => passWaiting(position));
    },
    stop() {
      state = "stopped";
      waiting = [];
    },
  };
}
