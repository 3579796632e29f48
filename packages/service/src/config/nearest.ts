/** Changes, left out, added and swapped neighbouring letters between two texts (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}

export interface Nearest {
  readonly name: string;
  readonly distance: number;
}

/** The name that is the most like a text for its length; null where there are no names. */
export function nearest(text: string, names: readonly string[]): Nearest | null {
  const unlike = ({ name, distance }: Nearest): number => distance / Math.max(name.length, text.length);
  return names
    .map((name) => ({ name, distance: editDistance(text, name) }))
    .reduce<Nearest | null>(
      (best, found) => (best === null || unlike(found) < unlike(best) ? found : best),
      null,
    );
}
