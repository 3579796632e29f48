import { createWaitingLine } from "./waiting-line.ts";

export interface InOrderOptions<In, Out> {
  /** The next item; null at the end. */
  readonly take: () => Promise<In | null>;
  /** Works on one item, several at a time. Must not reject. */
  readonly work: (item: In) => Promise<Out>;
  /** Gets the results one by one, in the order of the items. */
  readonly consume: (result: Out) => Promise<void>;
  /** The most items that are worked on or wait for their turn to be consumed. */
  readonly window: number;
}

/** Works on many items at a time and hands the results on in the order of the items. Resolves at the end. */
export async function inOrder<In, Out>({
  take,
  work,
  consume,
  window,
}: InOrderOptions<In, Out>): Promise<void> {
  const started = createWaitingLine<{ readonly result: Promise<Out> }>({ capacity: window });
  let inside = 0;
  let wake: (() => void) | null = null;

  const start = async (): Promise<void> => {
    for (;;) {
      const item = await take();
      if (item === null) break;
      inside += 1;
      started.push({ result: work(item) });
      if (inside >= window) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    started.close();
  };
  const finish = async (): Promise<void> => {
    for (;;) {
      const next = await started.take();
      if (next === null) break;
      await consume(await next.result);
      inside -= 1;
      wake?.();
      wake = null;
    }
  };
  await Promise.all([start(), finish()]);
}
