/** One message on its way to the healthy client. */
export interface Sample {
  readonly id: string;
  /** When it came about, in Unix milliseconds. */
  readonly at: number;
  /** From then until the client had it; null when it has not. */
  readonly ageMs: number | null;
  /** From the moment that the broker could be given it, which is later where the broker itself was away. */
  readonly latencyMs: number | null;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

const P99 = 0.99;

export const p99Of = (samples: readonly Sample[]): number =>
  percentile(
    samples.flatMap(({ latencyMs }) => latencyMs ?? []),
    P99,
  );

/** Messages that have to be in time one after the other. */
const CALM_RUN = 25;

/**
 * When messages began to arrive in time again: the first of a run of 25 that all did.
 * @returns Unix milliseconds, or null while there is no such run.
 */
export function calmFrom(samples: readonly Sample[], limitMs: number): number | null {
  let run = 0;
  for (const [index, { ageMs }] of samples.entries()) {
    run = ageMs !== null && ageMs <= limitMs ? run + 1 : 0;
    if (run === CALM_RUN) return samples[index - CALM_RUN + 1]?.at ?? null;
  }
  return null;
}
