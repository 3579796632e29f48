/** The lowest of any number of numbers; null when there is none. */
export function lowest(numbers: Iterable<number>): number | null {
  let found: number | null = null;
  // Math.min takes numbers as arguments, of which the stack has room for some ten thousand.
  for (const number of numbers) if (found === null || number < found) found = number;
  return found;
}
