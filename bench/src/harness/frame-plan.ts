/** How frames are spread over time: the same for everybody who is compared. */
export interface FramePlan {
  readonly topic: string;
  readonly bursts: number;
  readonly framesPerBurst: number;
  readonly intervalMs: number;
  /** How much longer than usual a frame is. */
  readonly paddingBytes?: number;
}

export const framesOf = ({ bursts, framesPerBurst }: FramePlan): number => bursts * framesPerBurst;

/** About 250 bytes as a frame: what a price update with its position takes. */
export const payload = (sentMicros: number): Record<string, unknown> => ({
  sent_us: sentMicros,
  token_id: "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
  price: "0.000000028031",
  change_24h: 12.5,
  slot: 254_170_887,
  block_time: 1_710_500_000,
});

/** Microseconds of a clock that all processes of a machine share. */
export const sharedMicros = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Calls `burst` once per interval; those that are late follow each other at once, as messages of a broker would. */
export async function runPlan(
  { bursts, intervalMs }: FramePlan,
  burst: (index: number) => void,
): Promise<void> {
  const startedAt = performance.now();
  for (let index = 0; index < bursts; index += 1) {
    const wait = startedAt + index * intervalMs - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    burst(index);
  }
}
