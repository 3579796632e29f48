/** What the cluster has to be told of this gateway's users. */
export interface UserChanges {
  readonly came: readonly string[];
  readonly left: readonly string[];
}

/**
 * Which users the cluster should believe to be connected here. A user who comes is told at once; one whose last connection
 * closed is told after a grace, unless somebody came back. A user who came and left before anything was told never was here.
 */
export interface UserTracker {
  readonly came: (userId: string) => void;
  readonly left: (userId: string) => void;
  /** What is due now; to be followed by `settle`. */
  due(): UserChanges;
  /**
   * To be called when changes were told, or may have been: `isKnown` false tells what is unknown once more, which does no
   * harm.
   */
  settle(changes: UserChanges, isKnown: boolean): void;
  /** Nothing is known of this gateway any more: everybody who is here has to be told anew. */
  restart(): void;
}

export function createUserTracker({
  graceMs,
  now,
}: {
  readonly graceMs: () => number;
  readonly now: () => number;
}): UserTracker {
  /** Told to be here, for sure or perhaps. */
  const told = new Set<string>();
  /** Here, and not told for sure. */
  let untold = new Set<string>();
  /** Told to be here, and not here any more: since when. In order of time. */
  const leaving = new Map<string, number>();

  return {
    came(userId) {
      // One who is back may have been told to have left, or never for sure to be here.
      if (leaving.delete(userId) || !told.has(userId)) untold.add(userId);
    },
    left(userId) {
      untold.delete(userId);
      if (told.has(userId)) leaving.set(userId, now());
    },
    due() {
      const limit = now() - graceMs();
      const left: string[] = [];
      for (const [userId, since] of leaving) {
        if (since > limit) break;
        left.push(userId);
      }
      return { came: [...untold], left };
    },
    settle({ came, left }, isKnown) {
      for (const userId of came) {
        told.add(userId);
        if (!untold.has(userId)) {
          if (!leaving.has(userId)) leaving.set(userId, now());
        } else if (isKnown) untold.delete(userId);
      }
      for (const userId of left) {
        const isBack = !leaving.has(userId);
        if (!isBack && !isKnown) continue;
        leaving.delete(userId);
        told.delete(userId);
        if (isBack) untold.add(userId);
      }
    },
    restart() {
      untold = new Set([...untold, ...[...told].filter((userId) => !leaving.has(userId))]);
      told.clear();
      leaving.clear();
    },
  };
}
