import { setTimeout as delay } from "node:timers/promises";
import type { Broker } from "@commcoin/broker";
import { eventFrame, type EventFrame } from "@commcoin/protocol";

/** What matters of a published message. */
export interface Recorded {
  readonly epoch: string;
  readonly offset: number;
  readonly id: string;
  readonly type: EventFrame["type"];
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything that was published to topics while it went on, however little of it the broker keeps. */
export interface Recording {
  readonly topics: ReadonlyMap<string, readonly Recorded[]>;
  /** Parts that the broker did not keep until they were read, or lost. */
  readonly gaps: readonly string[];
  /** Messages in all topics. */
  readonly size: number;
  /** Also reads another topic, from its oldest message on. */
  add(topic: string): void;
  /** Reads what is there now. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

const INTERVAL_MS = 250;
const PAGE = 1_000;
const decoder = new TextDecoder();

/** Accounts and instructions are most of a message: of the latter their kinds are enough. */
const shorten = (frame: EventFrame): Recorded["data"] => {
  if (frame.type !== "TransactionUpdate") return frame.data;
  const { accounts: _, instructions, ...rest } = frame.data;
  return { ...rest, kinds: instructions.map(({ kind }) => kind) };
};

export function recordTopics(broker: Broker, initial: readonly string[]): Recording {
  const topics = new Map<string, Recorded[]>(initial.map((topic) => [topic, []]));
  const gaps: string[] = [];
  const stopping = new AbortController();
  let size = 0;

  const readPage = async (topic: string, kept: Recorded[]): Promise<boolean> => {
    const last = kept.at(-1);
    const since = last && { epoch: last.epoch, offset: last.offset };
    const { deliveries, unrecovered, more, position } = await broker.history(topic, {
      ...(since === undefined ? {} : { since }),
      limit: PAGE,
    });
    if (unrecovered !== null)
      gaps.push(`${topic}: ${unrecovered} after ${since?.offset ?? 0} of ${position.offset}`);
    const found =
      unrecovered === null ? deliveries : (await broker.history(topic, { limit: PAGE })).deliveries;
    for (const { epoch, offset, frame } of found) {
      const read = eventFrame.parse(JSON.parse(decoder.decode(frame)));
      kept.push({ epoch, offset, id: read.id, type: read.type, data: shorten(read) });
      size += 1;
    }
    return more || unrecovered !== null;
  };
  const catchUp = async (): Promise<void> => {
    for (const [topic, kept] of topics) while (await readPage(topic, kept));
  };
  let reading: Promise<void> = Promise.resolve();
  const catchUpInTurn = (): Promise<void> => {
    const next = reading.then(catchUp);
    reading = next.catch(() => {});
    return next;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Redis is away now and then: what it holds is read when it is back.
      await catchUpInTurn().catch(() => {});
      await delay(INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = run();

  return {
    topics,
    gaps,
    get size() {
      return size;
    },
    add(topic) {
      if (!topics.has(topic)) topics.set(topic, []);
    },
    catchUp: catchUpInTurn,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
