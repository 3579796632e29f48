import type { Taken } from "./signature-line.ts";

/**
 * What is asked for in vain on the word of one node alone. A few such are ordinary: nodes show a transaction late. Where they
 * are a crowd, nothing waits for them any more, before it is known whether they are late or false.
 */
export interface Crowds {
  /** No node knew it so far. @returns the whole crowd where it makes one full; null else. */
  add(taken: Taken): readonly Taken[] | null;
  /** It is not asked for any more. */
  delete(taken: Taken): void;
  /** Whether a node has a crowd now. */
  has(endpoint: string): boolean;
}

/** Part of a crowd that is left when it is over. */
const OVER_SHARE = 0.25;

/** @param size so many are a crowd. */
export function createCrowds(size: number): Crowds {
  const unproven = new Map<string, Set<Taken>>();
  const crowded = new Set<string>();
  return {
    add(taken) {
      const { endpoint } = taken.notification;
      if (endpoint === null || taken.vouched) return null;
      const members = unproven.get(endpoint) ?? new Set();
      unproven.set(endpoint, members.add(taken));
      if (members.size < size || crowded.has(endpoint)) return null;
      // Those that another node announced meanwhile are none of the crowd.
      for (const member of members) if (member.vouched) members.delete(member);
      if (members.size < size) return null;
      crowded.add(endpoint);
      return [...members];
    },
    delete(taken) {
      const { endpoint } = taken.notification;
      const members = endpoint === null ? undefined : unproven.get(endpoint);
      if (endpoint === null || members?.delete(taken) !== true) return;
      if (members.size < size * OVER_SHARE) crowded.delete(endpoint);
      if (members.size === 0) unproven.delete(endpoint);
    },
    has: (endpoint) => crowded.has(endpoint),
  };
}
