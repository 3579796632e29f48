/** How many entries of each address a node is asked for first, so that an audit transfers little that is known already. */
export interface PageSizes {
  of(address: string): number;
  /** So many were new the last time. */
  listed(address: string, entries: number): void;
  /** Forgets all other addresses. */
  keep(addresses: ReadonlySet<string>): void;
}

/** What most addresses have since their last turn fits, and an answer that holds only old transactions is small. */
const SMALLEST = 32;
/** The most that a node gives at once. */
const LARGEST = 1_000;
/** Times what there was: a burst of twice the usual needs no second page, and the page has to reach behind its end. */
const MARGIN = 2;

export function createPageSizes(): PageSizes {
  const sizes = new Map<string, number>();
  return {
    of: (address) => sizes.get(address) ?? SMALLEST,
    listed(address, entries) {
      sizes.set(address, Math.min(LARGEST, Math.max(SMALLEST, entries * MARGIN)));
    },
    keep(addresses) {
      for (const address of sizes.keys()) if (!addresses.has(address)) sizes.delete(address);
    },
  };
}
