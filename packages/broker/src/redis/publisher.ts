// Named import: fake timers of a test replace the global function, and this one must still run.
import { setImmediate } from "node:timers";
import { BrokerUnavailableError, FencedError, type Published } from "../broker.ts";
import type { EncodedMessage } from "../encode-message.ts";
import { newEpoch } from "../epoch.ts";
import type { RetentionPolicy } from "../retention.ts";
import type { Keys } from "./keys.ts";
import type { KnownPositions } from "./known-positions.ts";
import { readPosition } from "./position-text.ts";
import type { ScriptArguments, ScriptOutcome } from "./scripts.ts";
import { EMPTY_TOPIC_TTL_MS, metaTtlMs } from "./ttl.ts";
import { unavailable } from "./unavailable.ts";

/** Messages in one write: enough to make the write cheap, few enough to keep Redis free for others in between. */
const MAX_PIPELINE_MESSAGES = 256;
const MAX_PIPELINE_CHARS = 1_048_576;
/** Writes without an answer yet. More would only wait in Redis' buffers. */
const MAX_PIPELINES_IN_FLIGHT = 4;
/** What may wait for its turn; a Redis that falls so far behind is not keeping up. */
const MAX_WAITING_CHARS = 67_108_864;

export interface Publisher {
  publish(messages: readonly EncodedMessage[], fence: number | undefined): Promise<readonly Published[]>;
  close(): void;
}

/** The messages of one call, and what became of them. */
interface Batch {
  readonly published: Published[];
  open: number;
  fenced: FencedError | null;
  failed: BrokerUnavailableError | null;
  readonly settle: () => void;
}

interface Waiting {
  readonly message: EncodedMessage;
  readonly index: number;
  readonly fence: number | undefined;
  readonly batch: Batch;
}

const charsOf = ({ head, tail }: EncodedMessage): number => head.length + tail.length;

/** Sends what is published in one turn of the event loop together, in order, one script call for each message. */
export function createPublisher({
  keys,
  retention,
  known,
  run,
}: {
  readonly keys: Keys;
  readonly retention: RetentionPolicy;
  readonly known: KnownPositions;
  /** Runs the publish script once for each list of arguments, in order. */
  readonly run: (calls: readonly ScriptArguments[]) => Promise<readonly ScriptOutcome[]>;
}): Publisher {
  let waiting: Waiting[] = [];
  let next = 0;
  let waitingChars = 0;
  let inFlight = 0;
  let scheduled = false;
  let closed = false;

  /** @param epoch a name for the new life of topics that need one; several topics may share it. */
  const callOf = ({ message: { topic, id, head, tail }, fence }: Waiting, epoch: string): ScriptArguments => {
    const { maxMessages, maxAgeMs } = retention(topic);
    const seen = known.get(topic);
    const keysOfMessage = [keys.meta(topic), keys.stream(topic), keys.id(topic, id), keys.live(topic)];
    const opening = [epoch, seen.epoch, seen.offset, EMPTY_TOPIC_TTL_MS];
    return [
      ...keysOfMessage,
      ...opening,
      fence ?? "",
      head,
      tail,
      maxMessages,
      maxAgeMs,
      metaTtlMs(maxAgeMs),
    ];
  };
  const settle = ({ message: { topic }, index, batch }: Waiting, [error, reply]: ScriptOutcome): void => {
    if (error !== null) {
      batch.failed ??= unavailable(error);
    } else if (reply === "fenced") {
      batch.fenced ??= new FencedError(topic);
    } else {
      const text = String(reply);
      const { epoch, offset } = readPosition(text, 1);
      const duplicate = text.startsWith("d");
      batch.published[index] = { epoch, offset, duplicate };
      if (!duplicate) known.note(topic, epoch, offset);
    }
    batch.open -= 1;
    if (batch.open === 0) batch.settle();
  };
  const take = (): readonly Waiting[] => {
    const start = next;
    let chars = 0;
    while (next < waiting.length && next - start < MAX_PIPELINE_MESSAGES && chars < MAX_PIPELINE_CHARS) {
      const item = waiting[next];
      if (item !== undefined) chars += charsOf(item.message);
      next += 1;
    }
    waitingChars -= chars;
    const taken = waiting.slice(start, next);
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    return taken;
  };
  const send = async (taken: readonly Waiting[]): Promise<void> => {
    let outcomes: readonly ScriptOutcome[] = [];
    let failure: Error | null = null;
    try {
      const epoch = newEpoch();
      outcomes = await run(taken.map((item) => callOf(item, epoch)));
    } catch (error) {
      failure = unavailable(error);
    }
    for (const [index, item] of taken.entries()) {
      settle(item, outcomes[index] ?? [failure ?? new Error("there was no answer"), null]);
    }
  };
  const flush = (): void => {
    while (inFlight < MAX_PIPELINES_IN_FLIGHT && next < waiting.length) {
      inFlight += 1;
      void send(take()).finally(() => {
        inFlight -= 1;
        flush();
      });
    }
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  };

  return {
    publish(messages, fence) {
      if (closed) return Promise.reject(new BrokerUnavailableError("The broker was closed."));
      if (waitingChars > MAX_WAITING_CHARS) {
        return Promise.reject(
          new BrokerUnavailableError("Redis does not keep up with what is published; slow down."),
        );
      }
      if (messages.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const batch: Batch = {
          published: [],
          open: messages.length,
          fenced: null,
          failed: null,
          settle: () => {
            const failure = batch.fenced ?? batch.failed;
            if (failure === null) resolve(batch.published);
            else reject(failure);
          },
        };
        for (const [index, message] of messages.entries()) {
          waitingChars += charsOf(message);
          waiting.push({ message, index, fence, batch });
        }
        schedule();
      });
    },
    close() {
      closed = true;
    },
  };
}
