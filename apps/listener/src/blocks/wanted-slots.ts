/** How a slot came to be asked for: announced a moment ago, or found to be missing. */
export type WantedFor = "live" | "backfill";

/** A slot whose block is to be asked for. Times are milliseconds that only grow. */
export interface WantedSlot {
  readonly slot: number;
  readonly origin: WantedFor;
  /** When it was announced; null when it was not. */
  readonly announcedAt: number | null;
  dueAt: number;
  /** How often there was no block. */
  refusals: number;
  refusedAt: number | null;
  /** Since when it is known that there has to be a block and none is given; null while it is not. */
  missingSince: number | null;
  underWay: boolean;
}

/** Slots up to a horizon are decided about: wanted, brought, or left to the chain, which tells where one is missing. */
export interface WantedSlots {
  add(slot: number, origin: WantedFor, dueAt: number, announcedAt?: number): void;
  get(slot: number): WantedSlot | undefined;
  remove(slot: number): void;
  /** Forgets slots that the chain went past, but not those that it asks for. */
  passed(last: number, missing: ReadonlySet<number>): void;
  /** Those that are not under way, the lowest first. */
  idle(): readonly WantedSlot[];
  /** The lowest behind a slot. */
  firstAfter(slot: number): number | undefined;
  readonly underWay: number;
  readonly size: number;
}

export function createWantedSlots(): WantedSlots {
  const slots = new Map<number, WantedSlot>();
  return {
    add(slot, origin, dueAt, announcedAt) {
      if (slots.has(slot)) return;
      slots.set(slot, {
        slot,
        origin,
        announcedAt: announcedAt ?? null,
        dueAt,
        refusals: 0,
        refusedAt: null,
        missingSince: null,
        underWay: false,
      });
    },
    get: (slot) => slots.get(slot),
    remove: (slot) => void slots.delete(slot),
    passed(last, missing) {
      for (const [slot, { underWay }] of slots) {
        if (slot <= last && !underWay && !missing.has(slot)) slots.delete(slot);
      }
    },
    idle: () => [...slots.values()].filter(({ underWay }) => !underWay).sort((a, b) => a.slot - b.slot),
    firstAfter(slot) {
      const behind = [...slots.keys()].filter((each) => each > slot);
      return behind.length === 0 ? undefined : Math.min(...behind);
    },
    get underWay() {
      let count = 0;
      for (const { underWay } of slots.values()) count += Number(underWay);
      return count;
    },
    get size() {
      return slots.size;
    },
  };
}
