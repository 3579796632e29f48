import { lowest } from "../support/lowest.ts";

/** A transaction that was published as confirmed. */
export interface Tracked<Body> {
  readonly signature: string;
  readonly slot: number;
  readonly body: Body;
}

export interface Verdicts<Body> {
  /** Their blocks are final. */
  readonly final: readonly Tracked<Body>[];
  /** Their slots have no block on the final chain, as often as it takes to ask further. */
  readonly doubtful: readonly Tracked<Body>[];
}

/** Remembers confirmed transactions by slot until the chain has decided about their slots. Nothing here does I/O. */
export interface FinalityTracker<Body> {
  /** @returns what had to make way, the oldest, when too much is undecided. */
  add(tracked: Tracked<Body>): readonly Tracked<Body>[];
  /**
   * Takes in which slots, from `from` on, have a final block: all of them up to the highest that is named. Final
   * transactions are taken out; doubtful ones stay until they are removed or turn up.
   */
  decide(from: number, slots: readonly number[]): Verdicts<Body>;
  get(signature: string): Tracked<Body> | null;
  remove(signature: string): void;
  readonly oldest: number | null;
  readonly size: number;
}

/** Nodes lie about blocks after a restart or from a snapshot: a slot has to be missing in so many answers. */
const ABSENCES = 3;

export function createFinalityTracker<Body>(capacity: number): FinalityTracker<Body> {
  const slots = new Map<number, { readonly entries: Map<string, Tracked<Body>>; absences: number }>();
  const slotOf = new Map<string, number>();

  const takeOut = (slot: number): readonly Tracked<Body>[] => {
    const entries = [...(slots.get(slot)?.entries.values() ?? [])];
    slots.delete(slot);
    for (const { signature } of entries) slotOf.delete(signature);
    return entries;
  };
  return {
    add(tracked) {
      const { signature, slot } = tracked;
      if (slotOf.has(signature)) return [];
      const first = slotOf.size >= capacity ? lowest(slots.keys()) : null;
      const evicted = first === null ? [] : takeOut(first);
      slotOf.set(signature, slot);
      const known = slots.get(slot);
      if (known === undefined) slots.set(slot, { entries: new Map([[signature, tracked]]), absences: 0 });
      else known.entries.set(signature, tracked);
      return evicted;
    },
    decide(from, present) {
      const head = present.reduce((highest, slot) => Math.max(highest, slot), -1);
      const finalSlots = new Set(present);
      const final: Tracked<Body>[] = [];
      const doubtful: Tracked<Body>[] = [];
      const decided = [...slots.keys()].filter((slot) => slot >= from && slot <= head);
      for (const slot of decided.sort((a, b) => a - b)) {
        const entry = slots.get(slot);
        if (entry === undefined) continue;
        if (finalSlots.has(slot)) {
          final.push(...takeOut(slot));
          continue;
        }
        entry.absences += 1;
        if (entry.absences >= ABSENCES) doubtful.push(...entry.entries.values());
      }
      return { final, doubtful };
    },
    get: (signature) => slots.get(slotOf.get(signature) ?? -1)?.entries.get(signature) ?? null,
    remove(signature) {
      const slot = slotOf.get(signature);
      if (slot === undefined) return;
      slotOf.delete(signature);
      const entries = slots.get(slot)?.entries;
      entries?.delete(signature);
      if (entries?.size === 0) slots.delete(slot);
    },
    get oldest() {
      return lowest(slots.keys());
    },
    get size() {
      return slotOf.size;
    },
  };
}
