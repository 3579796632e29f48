/** What has to change so that the accounts that are wanted are watched. */
export interface WatchChanges {
  /** To be followed, and those that are followed already, with the first slot of which transactions matter. */
  readonly follow: ReadonlyMap<string, number>;
  /** Not to be followed any more. */
  readonly unfollow: readonly string[];
  /** Wanted, but there is no room for them. */
  readonly left: readonly string[];
}

/** Decides which of the accounts that clients want are watched. */
export interface AccountWatch {
  /**
   * @param wanted what clients want now.
   * @param now milliseconds that only grow.
   * @param slotOf the first slot that matters of an account that was not watched.
   */
  update(wanted: readonly string[], now: number, slotOf: (address: string) => number): WatchChanges;
}

interface Watched {
  readonly fromSlot: number;
  /** Since when nobody wants it; null while somebody does. */
  absentSince: number | null;
}

/**
 * Watches an account until nobody has wanted it for the time of grace, as often as it was looked: a page that is
 * reloaded, a gateway that is replaced, or a broker that lost its data does not end it. Those that nobody wants make way
 * at once when there is no room for one that is wanted.
 */
export function createAccountWatch({
  limit,
  graceMs,
}: {
  /** The most accounts that are watched at a time. */
  readonly limit: number;
  readonly graceMs: number;
}): AccountWatch {
  const watched = new Map<string, Watched>();

  return {
    update(wanted, now, slotOf) {
      const present = new Set(wanted);
      const unfollow: string[] = [];
      const absent: [address: string, since: number][] = [];
      for (const [address, state] of watched) {
        state.absentSince = present.has(address) ? null : (state.absentSince ?? now);
        if (state.absentSince === null) continue;
        if (now - state.absentSince >= graceMs) unfollow.push(address);
        else absent.push([address, state.absentSince]);
      }
      for (const address of unfollow) watched.delete(address);
      // The one that nobody wants for the longest time is the last: it makes way first.
      absent.sort(([, a], [, b]) => b - a);
      const left: string[] = [];
      for (const address of present) {
        if (watched.has(address)) continue;
        if (watched.size >= limit) {
          const [idle] = absent.pop() ?? [];
          if (idle === undefined) {
            left.push(address);
            continue;
          }
          watched.delete(idle);
          unfollow.push(idle);
        }
        watched.set(address, { fromSlot: slotOf(address), absentSince: null });
      }
      return {
        follow: new Map([...watched].map(([address, { fromSlot }]) => [address, fromSlot])),
        unfollow,
        left,
      };
    },
  };
}
