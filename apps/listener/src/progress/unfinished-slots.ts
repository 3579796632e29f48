import { lowest } from "../support/lowest.ts";

/** In which slots something was taken up that the broker has not acknowledged yet. */
export interface UnfinishedSlots {
  begin(slot: number): void;
  end(slot: number): void;
  /** The lowest of them; null when everything is acknowledged. */
  readonly oldest: number | null;
  /** Transactions in all of them. */
  readonly size: number;
}

export function createUnfinishedSlots(): UnfinishedSlots {
  const counts = new Map<number, number>();
  let size = 0;
  return {
    begin(slot) {
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
      size += 1;
    },
    end(slot) {
      const count = counts.get(slot);
      if (count === undefined) return;
      size -= 1;
      if (count > 1) counts.set(slot, count - 1);
      else counts.delete(slot);
    },
    get oldest() {
      return lowest(counts.keys());
    },
    get size() {
      return size;
    },
  };
}
