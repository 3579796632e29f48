import { REQUEST_CLASSES, type RequestClass } from "./request-class.ts";

export interface Waiting {
  readonly count: number;
  /** Milliseconds that the one in front has waited; 0 when nobody waits. */
  readonly oldestMs: number;
}

/** Requests that wait for their turn, by class. Times are milliseconds that only grow. */
export interface PriorityLine<Item> {
  /** @returns takes the item out again; nothing happens when it was taken. */
  push(kind: RequestClass, item: Item, now: number): () => void;
  /** The one whose turn it is, of the classes that are open; null when none of them waits. */
  take(isOpen?: (kind: RequestClass) => boolean): Item | null;
  waiting(kind: RequestClass, now: number): Waiting;
  readonly size: number;
}

/** While several classes wait, every so many turns one goes to a class that is not the most urgent. */
const TURNS = 8;

/**
 * The most urgent class goes first, within a class whoever came first. No class waits for ever: every eighth turn
 * belongs to whoever has waited longest in the other classes.
 */
export function createPriorityLine<Item>(): PriorityLine<Item> {
  interface Entry {
    readonly item: Item;
    readonly since: number;
  }
  const lines: Record<RequestClass, Set<Entry>> = {
    live: new Set(),
    catch_up: new Set(),
    audit: new Set(),
    finality: new Set(),
  };
  let turns = 0;
  const head = (line: Set<Entry>): Entry | undefined => line.values().next().value;

  return {
    push(kind, item, now) {
      const entry = { item, since: now };
      lines[kind].add(entry);
      return () => void lines[kind].delete(entry);
    },
    take(isOpen = () => true) {
      const heads = REQUEST_CLASSES.filter(isOpen).flatMap((kind) => {
        const entry = head(lines[kind]);
        return entry === undefined ? [] : [{ entry, line: lines[kind] }];
      });
      const [first, ...others] = heads;
      if (first === undefined) return null;
      turns = others.length === 0 ? 0 : turns + 1;
      let next = first;
      if (turns >= TURNS) {
        turns = 0;
        next = others.reduce((oldest, other) => (other.entry.since < oldest.entry.since ? other : oldest));
      }
      next.line.delete(next.entry);
      return next.entry.item;
    },
    waiting(kind, now) {
      const oldest = head(lines[kind]);
      return { count: lines[kind].size, oldestMs: oldest === undefined ? 0 : now - oldest.since };
    },
    get size() {
      return REQUEST_CLASSES.reduce((sum, kind) => sum + lines[kind].size, 0);
    },
  };
}
