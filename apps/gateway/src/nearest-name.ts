import { closest, distance } from "fastest-levenshtein";

/** Longer ones are no slips of the pen, and would take time to compare. */
const MAX_LENGTH = 40;
/** Letters that may be wrong, missing or too many. */
const MAX_SLIPS = 2;

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * The name that was probably meant: what another library calls it, or one that differs in case, separators or a slip of
 * the pen; null when nothing is near.
 * @param aliases by lower-case letters and digits only.
 */
export function nearestName<Name extends string>(
  given: string,
  names: readonly Name[],
  aliases: ReadonlyMap<string, Name>,
): Name | null {
  if (given.length > MAX_LENGTH) return null;
  const text = bare(given);
  const alias = aliases.get(text);
  if (alias !== undefined) return alias;
  const found = closest(text, names.map(bare));
  const slips = distance(text, found);
  // Of a short name, two letters are half.
  const isNear = slips <= Math.min(MAX_SLIPS, Math.floor(found.length / 3));
  return isNear ? (names.find((name) => bare(name) === found) ?? null) : null;
}
