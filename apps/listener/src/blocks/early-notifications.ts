import type { SignatureNotification } from "../model/notification.ts";
import { createUnfinishedSlots } from "../progress/unfinished-slots.ts";

/**
 * Notifications that wait for the block of their slot, so that everything is published in the order of the chain, and
 * what the block holds need not be fetched.
 */
export interface EarlyNotifications {
  /** @returns whether it waits; false when its block was read, or is too far ahead. */
  hold(notification: SignatureNotification): boolean;
  /** @returns whether it waited; it does not any more. */
  claim(signature: string): boolean;
  /** Blocks up to this slot were read. @returns what waited for them and was not claimed. */
  passed(slot: number): readonly SignatureNotification[];
  /** The lowest slot of which anything waits; null when nothing does. */
  readonly oldest: number | null;
  readonly size: number;
}

/** Further ahead, blocks are being caught up with, and news would wait for what is old. */
const MAX_AHEAD_SLOTS = 64;
const CAPACITY = 10_000;

/** @param last the slot up to which blocks were read before. */
export function createEarlyNotifications(last: number): EarlyNotifications {
  const waiting = new Map<string, SignatureNotification>();
  const slots = createUnfinishedSlots();
  let read = last;

  const remove = (signature: string): boolean => {
    const notification = waiting.get(signature);
    if (notification === undefined) return false;
    waiting.delete(signature);
    slots.end(notification.slot);
    return true;
  };
  return {
    hold(notification) {
      const { signature, slot } = notification;
      const ahead = slot - read;
      if (ahead <= 0 || ahead > MAX_AHEAD_SLOTS || waiting.size >= CAPACITY) return false;
      if (!waiting.has(signature)) slots.begin(slot);
      waiting.set(signature, notification);
      return true;
    },
    claim: remove,
    passed(slot) {
      read = Math.max(read, slot);
      const left = [...waiting.values()].filter((notification) => notification.slot <= read);
      for (const { signature } of left) remove(signature);
      return left;
    },
    get oldest() {
      return slots.oldest;
    },
    get size() {
      return waiting.size;
    },
  };
}
