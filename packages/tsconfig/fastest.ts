const ATTEMPTS = 3;

/**
 * The shortest of up to three measurements, the first that is below `enoughMs` ends it: a machine that stalls once is not
 * what is measured.
 */
export async function fastest(enoughMs: number, measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && best >= enoughMs; attempt += 1) {
    best = Math.min(best, await measure());
  }
  return best;
}
