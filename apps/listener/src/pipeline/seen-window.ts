/** Remembers the newest signatures, a bounded number of them. */
export interface SeenWindow {
  /** @returns whether it is new. */
  add(signature: string): boolean;
  /** Lets a signature count as new again. */
  forget(signature: string): void;
}

export function createSeenWindow(capacity: number): SeenWindow {
  const seen = new Set<string>();
  return {
    add(signature) {
      if (seen.has(signature)) return false;
      seen.add(signature);
      if (seen.size > capacity) {
        const [oldest] = seen;
        if (oldest !== undefined) seen.delete(oldest);
      }
      return true;
    },
    forget(signature) {
      seen.delete(signature);
    },
  };
}
