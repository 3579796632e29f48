/**
 * Up to which slot each address is proven complete: everything that mentions it was listed, and published. Watermarks
 * only rise.
 */
export interface Watermarks {
  /** Begins with an address; what is known of it stays. */
  begin(address: string, watermark: number): void;
  /** Forgets every other address. */
  keep(addresses: ReadonlySet<string>): void;
  /** Everything up to and including this slot was listed and brought to publication. */
  listed(address: string, slot: number): void;
  /** Raises watermarks to what is listed, but not to a slot of which anything is unfinished. */
  settle(oldestUnfinished: number | null): void;
  of(address: string): number;
  /** The lowest; null when no address is followed. */
  readonly lowest: number | null;
}

export function createWatermarks(): Watermarks {
  const entries = new Map<string, { listed: number; watermark: number }>();
  return {
    begin(address, watermark) {
      if (!entries.has(address)) entries.set(address, { listed: watermark, watermark });
    },
    keep(addresses) {
      for (const address of entries.keys()) if (!addresses.has(address)) entries.delete(address);
    },
    listed(address, slot) {
      const entry = entries.get(address);
      if (entry !== undefined) entry.listed = Math.max(entry.listed, slot);
    },
    settle(oldestUnfinished) {
      const limit = oldestUnfinished === null ? Infinity : oldestUnfinished - 1;
      for (const entry of entries.values()) {
        entry.watermark = Math.max(entry.watermark, Math.min(entry.listed, limit));
      }
    },
    of: (address) => entries.get(address)?.watermark ?? -1,
    get lowest() {
      let lowest: number | null = null;
      for (const { watermark } of entries.values()) lowest = Math.min(lowest ?? watermark, watermark);
      return lowest;
    },
  };
}
