/**
 * Values that were used lately: at least the last `max` keys, at most twice as many. Those that are busy stay, however many
 * others are used once. Using one costs a look into a map, nothing is sorted.
 */
export interface RecentlyUsed<Value> {
  find(key: string): Value | undefined;
  /** The value of a key, created if there is none. */
  take(key: string): Value;
}

export function createRecentlyUsed<Value>(max: number, create: () => Value): RecentlyUsed<Value> {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();
  const keep = (key: string, value: Value): void => {
    if (recent.size >= max) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, value);
  };
  const find = (key: string): Value | undefined => {
    const found = recent.get(key);
    if (found !== undefined) return found;
    const old = older.get(key);
    if (old !== undefined) keep(key, old);
    return old;
  };
  return {
    find,
    take(key) {
      const found = find(key);
      if (found !== undefined) return found;
      const created = create();
      keep(key, created);
      return created;
    },
  };
}
