import type { BrokerUnavailableError, FencedError, Published } from "../broker.ts";
import type { EncodedMessage } from "../encode-message.ts";
import { isRedirect } from "./commands.ts";

/** Messages in one write: enough to make the write cheap, few enough to keep Redis free for others in between. */
const MAX_PIPELINE_MESSAGES = 256;
const MAX_PIPELINE_CHARS = 1_048_576;
/** Writes without an answer yet. More would only wait in Redis' buffers. */
const MAX_PIPELINES_IN_FLIGHT = 4;

/** The messages of one call, and what became of them. */
export interface Batch {
  readonly published: Published[];
  open: number;
  fenced: FencedError | null;
  failed: BrokerUnavailableError | null;
  readonly settle: () => void;
}

export interface Waiting {
  readonly message: EncodedMessage;
  /** Id of the message before it, of the same batch and topic: without that one, this one is not published. */
  readonly idBefore: string | null;
  readonly slot: number;
  readonly index: number;
  readonly fence: number | undefined;
  readonly batch: Batch;
  /** When it is too late to send it to another node once more; null until it had to be. */
  redirectUntil: number | null;
}

/** Where a message stands by now, or why it was not published. */
export type Outcome = Published | Error;

export const charsOf = ({ head, tail }: EncodedMessage): number => head.length + tail.length;

/** The messages for one node, in order. */
export interface Lane {
  push(item: Waiting): void;
  /** Sends what may be sent. */
  flush(): void;
  /** Sends nothing more; calls `drained` once nothing is on its way. */
  hold(): void;
  /** What was not published, in order: what the node refused because the slot is elsewhere, then what still waited. */
  empty(): readonly Waiting[];
}

/**
 * @param send sends messages in order. Never rejects.
 * @param settled is told what became of a message, in order.
 * @param drained is called once, when the lane is held, by `hold` or because its node refused something, and nothing is on
 * its way any more.
 */
export function createLane({
  send,
  settled,
  drained,
}: {
  readonly send: (items: readonly Waiting[]) => Promise<readonly Outcome[]>;
  readonly settled: (item: Waiting, outcome: Outcome) => void;
  readonly drained: () => void;
}): Lane {
  let waiting: Waiting[] = [];
  let next = 0;
  let inFlight = 0;
  let state: "open" | "held" | "drained" = "open";
  let refused: Waiting[] = [];

  const take = (): readonly Waiting[] => {
    const start = next;
    let chars = 0;
    while (next < waiting.length && next - start < MAX_PIPELINE_MESSAGES && chars < MAX_PIPELINE_CHARS) {
      const item = waiting[next];
      if (item !== undefined) chars += charsOf(item.message);
      next += 1;
    }
    const taken = waiting.slice(start, next);
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    return taken;
  };
  const transmit = async (items: readonly Waiting[]): Promise<void> => {
    const outcomes = await send(items);
    for (const [index, item] of items.entries()) {
      const outcome = outcomes[index] ?? new Error("there was no answer");
      const now = performance.now();
      if (isRedirect(outcome) && now < (item.redirectUntil ?? Number.POSITIVE_INFINITY)) {
        if (state === "open") state = "held";
        refused.push(item);
      } else settled(item, outcome);
    }
    inFlight -= 1;
    flush();
  };
  const flush = (): void => {
    if (state === "held" && inFlight === 0) {
      state = "drained";
      drained();
    }
    if (state !== "open") return;
    while (inFlight < MAX_PIPELINES_IN_FLIGHT && next < waiting.length) {
      inFlight += 1;
      void transmit(take());
    }
  };

  return {
    push: (item) => void waiting.push(item),
    flush,
    hold() {
      if (state === "open") state = "held";
      flush();
    },
    empty() {
      const items = [...refused, ...waiting.slice(next)];
      refused = [];
      waiting = [];
      next = 0;
      return items;
    },
  };
}
