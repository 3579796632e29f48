/** What the cluster is yet to learn of this gateway's users. */
export interface UserChanges {
  readonly came: readonly string[];
  readonly left: readonly string[];
}

/**
 * Which users the cluster should believe to be connected here. A user who comes is published at once; one whose last connection
 * closed is published after a grace, unless somebody came back. A user who came and left before anything was published never was here.
 */
export interface UserTracker {
  readonly came: (userId: string) => void;
  readonly left: (userId: string) => void;
  /** What is due now; to be followed by `settle`. */
  due(): UserChanges;
  /**
   * To be called when changes were published, or may have been: `isKnown` false publishes what is unknown once more, which does no
   * harm.
   */
  settle(changes: UserChanges, isKnown: boolean): void;
  /** Nothing is known of this gateway any more: everybody who is here has to be declared anew. */
  restart(): void;
}

export function createUserTracker({
  graceMs,
  now,
}: {
  readonly graceMs: () => number;
  readonly now: () => number;
}): UserTracker {
  /** Published as connected, for sure or perhaps. */
  const published = new Set<string>();
  /** Here, and not yet published for sure. */
  let unpublished = new Set<string>();
  /** Published as connected, and not here any more: since when. In order of time. */
  const leaving = new Map<string, number>();

  return {
    came(userId) {
      // One who is back may have been published as gone, or never for sure as connected.
      if (leaving.delete(userId) || !published.has(userId)) unpublished.add(userId);
    },
    left(userId) {
      unpublished.delete(userId);
      if (published.has(userId)) leaving.set(userId, now());
    },
    due() {
      const limit = now() - graceMs();
      const left: string[] = [];
      for (const [userId, since] of leaving) {
        if (since > limit) break;
        left.push(userId);
      }
      return { came: [...unpublished], left };
    },
    settle({ came, left }, isKnown) {
      for (const userId of came) {
        published.add(userId);
        if (!unpublished.has(userId)) {
          if (!leaving.has(userId)) leaving.set(userId, now());
        } else if (isKnown) unpublished.delete(userId);
      }
      for (const userId of left) {
        const isBack = !leaving.has(userId);
        if (!isBack && !isKnown) continue;
        leaving.delete(userId);
        published.delete(userId);
        if (isBack) unpublished.add(userId);
      }
    },
    restart() {
      unpublished = new Set([...unpublished, ...[...published].filter((userId) => !leaving.has(userId))]);
      published.clear();
      leaving.clear();
    },
  };
}
