import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { FencedError, InvalidMessageError, sleepOrBack, type Broker } from "@commcoin/broker";
import { createBackoff, whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { OutgoingMessage } from "../events/outgoing.ts";
import type { Term } from "../leadership/leadership.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { errorText } from "../support/error-text.ts";
import { createWaitingLine } from "./waiting-line.ts";

/** Everything that follows from one transaction. */
export interface Bundle {
  readonly messages: readonly OutgoingMessage[];
  /** Called once the broker has acknowledged all of it. */
  readonly acknowledged: () => void;
}

/** Brings messages to the broker, in order, until they are acknowledged. */
export interface Publisher {
  /** Takes a bundle; resolves when there is room for the next one, or the signal aborts. */
  push(bundle: Bundle, signal: AbortSignal): Promise<void>;
  /** Publishes what is pushed, until `close` was called and all is acknowledged, or the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  close(): void;
  /** null when the newest batch was acknowledged, else why not. */
  problem(): string | null;
  readonly size: number;
}

export interface PublisherOptions {
  readonly broker: Pick<Broker, "publish" | "watch">;
  /** The right to publish; when it ends, nothing more is published. */
  readonly term: Pick<Term, "fence" | "holds" | "lost">;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
}

/** Bundles that wait for the broker; over it, transactions are not fetched any more. */
const CAPACITY = 1_000;
/** One round trip carries so many messages at most: a busy broker answers others in between. */
const MAX_BATCH_MESSAGES = 256;
const BACKOFF = { minMs: 100, maxMs: 5_000 };
/** From this delay on, it is no hiccup any more. */
const SERIOUS_DELAY_MS = 2_000;

export function createPublisher({ broker, term, log, metrics }: PublisherOptions): Publisher {
  const line = createWaitingLine<Bundle>({ capacity: CAPACITY });
  let problem: string | null = null;

  /** Publishes messages; one that can never be published is logged, counted and left out. */
  const publish = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    try {
      await broker.publish(messages, { fence: term.fence });
      const counts = new Map<string, number>();
      for (const { type } of messages) counts.set(type, (counts.get(type) ?? 0) + 1);
      for (const [type, count] of counts) metrics.published.inc({ type }, count);
    } catch (error) {
      const [first] = messages;
      if (!(error instanceof InvalidMessageError) || first === undefined) throw error;
      if (messages.length === 1) {
        metrics.unpublishable.inc({ type: first.type });
        log.error(
          { id: first.id, topic: first.topic, error: error.message },
          "a message cannot be published",
        );
        return;
      }
      const half = messages.length >> 1;
      await publish(messages.slice(0, half));
      await publish(messages.slice(half));
    }
  };

  const publishUntilAcknowledged = async (
    messages: readonly OutgoingMessage[],
    signal: AbortSignal,
  ): Promise<boolean> => {
    const backoff = createBackoff(BACKOFF);
    while (!signal.aborted && term.holds()) {
      try {
        await publish(messages);
        if (problem !== null) log.info({ waiting: line.size }, "the broker takes messages again");
        problem = null;
        return true;
      } catch (error) {
        if (error instanceof FencedError) {
          log.warn({ error: error.message }, "another listener publishes");
          term.lost();
          break;
        }
        const delayMs = Math.round(backoff.next());
        problem = errorText(error);
        metrics.publishFailures.inc();
        const fields = { waiting: line.size, retry_in_ms: delayMs, error: problem };
        if (delayMs > SERIOUS_DELAY_MS) log.error(fields, "the broker does not take messages");
        else log.warn(fields, "the broker does not take messages");
        await sleepOrBack(broker, delayMs, signal);
      }
    }
    return false;
  };

  return {
    push(bundle, signal) {
      line.push(bundle);
      return line.untilCapacity(signal);
    },
    async run(signal) {
      const leave = whenAborted(signal, () => line.close());
      for (;;) {
        const first = await line.take();
        if (first === null || signal.aborted) break;
        // What is pushed in the same turn of the event loop travels along: a slot takes one round trip, not two.
        await turnOfEventLoop();
        const bundles = [first];
        let count = first.messages.length;
        while (line.size > 0 && count < MAX_BATCH_MESSAGES) {
          const next = await line.take();
          if (next === null) break;
          bundles.push(next);
          count += next.messages.length;
        }
        const messages = bundles.flatMap((bundle) => bundle.messages);
        if (messages.length > 0 && !(await publishUntilAcknowledged(messages, signal))) break;
        for (const { acknowledged } of bundles) acknowledged();
      }
      leave();
    },
    close: () => line.close(),
    problem: () => problem,
    get size() {
      return line.size;
    },
  };
}
