/** What a node says of its chain: the hash of its first block, that it does not tell, or null while it has not been heard. */
export type ChainAnswer = { readonly hash: string } | "no_hash" | null;

/** The name of a chain that no node gives a hash for. */
export const UNIDENTIFIED = "unidentified";

/** The chain that most nodes are of; of as many, the one of the first of them. Null when no node names any. */
function mostNamed(answers: readonly ChainAnswer[]): string | null {
  const counts = new Map<string, number>();
  for (const each of answers) {
    if (each !== null && each !== "no_hash") counts.set(each.hash, (counts.get(each.hash) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}

/** Whether a node says that it is of another chain. One that tells nothing is taken to be of the same. */
export const isOfAnother = (answer: ChainAnswer | undefined, chain: string): boolean =>
  answer !== undefined &&
  answer !== null &&
  answer !== "no_hash" &&
  chain !== UNIDENTIFIED &&
  answer.hash !== chain;

/**
 * The chain to follow. One that is followed stays until every node is of another one: a wrong address among right ones,
 * however many, does not end it.
 * @param followed the chain that is followed, or was before; null when there is none.
 */
export function chooseChain(answers: readonly ChainAnswer[], followed: string | null): string {
  // Nobody knows whether it is the one that a node names by now: what is known of it is not given away.
  if (followed === UNIDENTIFIED && answers.includes("no_hash")) return UNIDENTIFIED;
  if (
    followed !== null &&
    followed !== UNIDENTIFIED &&
    !answers.every((each) => isOfAnother(each, followed))
  ) {
    return followed;
  }
  return mostNamed(answers) ?? UNIDENTIFIED;
}
