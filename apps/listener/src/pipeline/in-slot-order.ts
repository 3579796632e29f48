export interface InSlotOrderOptions<In, Out> {
  /** The next item; null at the end. */
  readonly take: () => Promise<In | null>;
  readonly slotOf: (item: In) => number;
  /** Works on one item, several at a time; null when there is nothing to hand on. Must not reject. */
  readonly work: (item: In) => Promise<Out | null>;
  /** Puts the results of one slot into their order. */
  readonly sort: (results: readonly Out[]) => Promise<readonly Out[]>;
  /** Gets the results one by one. */
  readonly consume: (result: Out) => Promise<void>;
  /** The most items that are worked on or wait for their turn to be consumed. */
  readonly window: number;
}

/**
 * Works on many items at a time and hands the results on: of all that is under way the lowest slot first, within a slot
 * sorted. Nothing waits for what has not been brought yet: an item of an old slot that comes late goes next. Resolves at
 * the end.
 */
export async function inSlotOrder<In, Out>({
  take,
  slotOf,
  work,
  sort,
  consume,
  window,
}: InSlotOrderOptions<In, Out>): Promise<void> {
  const slots = new Map<number, Promise<Out | null>[]>();
  let inside = 0;
  let ended = false;
  let wakeStart = (): void => {};
  let wakeFinish = (): void => {};

  const start = async (): Promise<void> => {
    for (;;) {
      const item = await take();
      if (item === null) break;
      inside += 1;
      const slot = slotOf(item);
      const group = slots.get(slot);
      if (group === undefined) slots.set(slot, [work(item)]);
      else group.push(work(item));
      wakeFinish();
      if (inside < window) continue;
      await new Promise<void>((resolve) => {
        wakeStart = resolve;
      });
    }
    ended = true;
    wakeFinish();
  };

  const finish = async (): Promise<void> => {
    for (;;) {
      if (slots.size === 0) {
        if (ended) return;
        await new Promise<void>((resolve) => {
          wakeFinish = resolve;
        });
        continue;
      }
      const slot = Math.min(...slots.keys());
      const group = slots.get(slot) ?? [];
      const results: Out[] = [];
      // The group grows while it is waited for.
      for (const work of group) {
        const result = await work;
        if (result !== null) {
          results.push(result);
          continue;
        }
        inside -= 1;
        wakeStart();
      }
      slots.delete(slot);
      for (const result of await sort(results)) {
        await consume(result);
        inside -= 1;
        wakeStart();
      }
    }
  };
  await Promise.all([start(), finish()]);
}
