import type { SignatureNotification } from "../model/notification.ts";

/**
 * What was reported lately, by slot: tells repetitions, and what an earlier publisher may have left undone. Holds a
 * bounded number of transactions; over it, the oldest slots are forgotten.
 */
export interface SeenSlots {
  /**
   * A signature that was seen in an earlier slot is new again: a fork took that one, and what is told of the later one is
   * all that counts for whoever goes on from there.
   * @returns whether it is new.
   */
  add(notification: SignatureNotification): boolean;
  /** Whether it was seen in this slot, or in a later one. */
  has(signature: string, slot: number): boolean;
  /** Lets a signature count as new again. */
  forget(signature: string): void;
  /** What was reported of later slots than this one, slot by slot, within a slot as it came. */
  above(slot: number): readonly SignatureNotification[];
  /** Forgets everything up to and including this slot. */
  prune(slot: number): void;
  /** The highest slot of which anything may have been forgotten. */
  readonly floor: number;
}

/** So much of the capacity is made free at once: to find the oldest slots takes a look at all of them. */
const MARGIN = 0.05;

export function createSeenSlots(capacity: number): SeenSlots {
  const slotOf = new Map<string, number>();
  const slots = new Map<number, Map<string, SignatureNotification>>();
  let floor = -1;

  const drop = (slot: number): void => {
    for (const signature of slots.get(slot)?.keys() ?? []) slotOf.delete(signature);
    slots.delete(slot);
    floor = Math.max(floor, slot);
  };
  const makeRoom = (): void => {
    for (const slot of [...slots.keys()].sort((a, b) => a - b)) {
      if (slotOf.size < capacity * (1 - MARGIN)) break;
      drop(slot);
    }
  };
  const has = (signature: string, slot: number): boolean => (slotOf.get(signature) ?? -1) >= slot;
  const forget = (signature: string): void => {
    const slot = slotOf.get(signature);
    if (slot === undefined) return;
    slotOf.delete(signature);
    const bucket = slots.get(slot);
    bucket?.delete(signature);
    if (bucket?.size === 0) slots.delete(slot);
  };
  return {
    add(notification) {
      const { signature, slot } = notification;
      if (has(signature, slot)) return false;
      forget(signature);
      if (slotOf.size >= capacity) makeRoom();
      slotOf.set(signature, slot);
      const bucket = slots.get(slot);
      if (bucket === undefined) slots.set(slot, new Map([[signature, notification]]));
      else bucket.set(signature, notification);
      return true;
    },
    has,
    forget,
    above: (slot) =>
      [...slots.keys()]
        .filter((candidate) => candidate > slot)
        .sort((a, b) => a - b)
        .flatMap((candidate) => [...(slots.get(candidate)?.values() ?? [])]),
    prune(slot) {
      for (const candidate of slots.keys()) if (candidate <= slot) drop(candidate);
      floor = Math.max(floor, slot);
    },
    get floor() {
      return floor;
    },
  };
}
