/**
 * The first entries of an order without sorting all: those with the smallest keys after `after`, in order. Takes time in
 * proportion to the number of entries, whatever their order.
 */
export function smallest<Entry>(
  entries: Iterable<Entry>,
  keyOf: (entry: Entry) => string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): { readonly entries: readonly Entry[]; readonly more: boolean } {
  const kept: { readonly key: string; readonly entry: Entry }[] = [];
  let more = false;
  for (const entry of entries) {
    const key = keyOf(entry);
    if (after !== undefined && key <= after) continue;
    if (kept.length === limit) {
      more = true;
      if (key >= (kept.at(-1)?.key ?? "")) continue;
      kept.pop();
    }
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((kept[middle]?.key ?? "") < key) low = middle + 1;
      else high = middle;
    }
    kept.splice(low, 0, { key, entry });
  }
  return { entries: kept.map(({ entry }) => entry), more };
}
