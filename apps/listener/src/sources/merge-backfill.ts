/**
 * Joins what was asked for with what came in live meanwhile: the order is the chain's, each signature stands once, and
 * one that came in live counts as live.
 */
export function mergeBackfill<Item extends { readonly signature: string }>(
  backfilled: readonly Item[],
  live: readonly Item[],
): readonly Item[] {
  const arrived = new Map(live.map((item) => [item.signature, item]));
  const listed = new Set(backfilled.map(({ signature }) => signature));
  return [
    ...backfilled.map((item) => arrived.get(item.signature) ?? item),
    ...live.filter(({ signature }) => !listed.has(signature)),
  ];
}
