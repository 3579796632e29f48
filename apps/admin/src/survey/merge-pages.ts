/** Entries of one server in the order of their keys; `more`: there may be further ones behind the last. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** A page of the whole cluster: what the servers have under each key, and the key to go on after. */
export interface MergedPage<Entry> {
  readonly groups: readonly (readonly [key: string, entries: readonly Entry[]])[];
  /** null at the end. */
  readonly next: string | null;
}

/**
 * Merges pages of several servers into one, in the order of keys. It ends where the first of the servers had to stop:
 * behind that, entries of this server would be missing. Who follows `next` sees everything once that was there all the time.
 */
export function mergePages<Entry>(
  pages: readonly Page<Entry>[],
  keyOf: (entry: Entry) => string,
  limit: number,
): MergedPage<Entry> {
  const ends = pages.flatMap(({ entries, more }) => {
    const last = entries.at(-1);
    return more && last !== undefined ? [keyOf(last)] : [];
  });
  const horizon = ends.reduce<string | null>(
    (first, end) => (first === null || end < first ? end : first),
    null,
  );
  const groups = new Map<string, Entry[]>();
  for (const { entries } of pages) {
    for (const entry of entries) {
      const key = keyOf(entry);
      if (horizon !== null && key > horizon) break;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [entry]);
      else group.push(entry);
    }
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.slice(0, limit);
  const isEnd = horizon === null && sorted.length === shown.length;
  return { groups: shown, next: isEnd ? null : (shown.at(-1)?.[0] ?? null) };
}
