import { distance } from "fastest-levenshtein";

/** Whatever is longer is compared by its beginning: comparing takes time, and no name is so long. */
const MAX_LENGTH = 64;
/** Letters that may be wrong, missing or too many, two swapped ones counting as two; more in long names. */
const MAX_SLIPS = 2;
const LETTERS_PER_SLIP = 7;

export interface Nearest<Name extends string = string> {
  readonly name: Name;
  /** Whether so little differs that it was probably meant. */
  readonly isSlip: boolean;
}

const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * The name that is the most like a text for its length, whatever the case and the separators; null where there are no
 * names.
 * @param aliases what others call a name, in lower-case letters and digits only.
 */
export function nearest<Name extends string>(
  text: string,
  names: readonly Name[],
  aliases?: ReadonlyMap<string, Name>,
): Nearest<Name> | null {
  const given = bare(text.slice(0, MAX_LENGTH));
  const alias = aliases?.get(given);
  if (alias !== undefined) return { name: alias, isSlip: true };
  const judged = names.map((name) => {
    const right = bare(name);
    const { length } = right;
    const slips = distance(given, right);
    // Of a short name, two letters are half.
    const bound = Math.min(
      Math.floor(length / 3),
      Math.max(MAX_SLIPS, Math.floor(length / LETTERS_PER_SLIP)),
    );
    return { name, isSlip: slips <= bound, unlike: slips / Math.max(length, given.length, 1) };
  });
  const [first, ...rest] = judged;
  if (first === undefined) return null;
  const { name, isSlip } = rest.reduce((best, found) => (found.unlike < best.unlike ? found : best), first);
  return { name, isSlip };
}
