import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";

/** A topic that cannot be filled for so long is worth a word: longer than what a failover leaves to be repeated takes. */
const STALL_MS = 2_000;

/** Says once that a topic does not go on although the broker is there, and once that it does again. */
export function createStallLog(
  feed: { readonly topic: string; readonly epoch: string; readonly offset: number },
  {
    broker,
    log,
    now,
  }: { readonly broker: Pick<Broker, "problem">; readonly log: Logger; readonly now: () => number },
): { failed(error: unknown): void; over(): void } {
  const { topic } = feed;
  let since: number | null = null;
  let isReported = false;
  return {
    failed(error) {
      // An outage of the broker is told by whoever watches it.
      if (broker.problem() !== null) since = null;
      else since ??= now();
      if (isReported || since === null || now() - since < STALL_MS) return;
      isReported = true;
      const at = `${feed.epoch}:${feed.offset}`;
      log.warn({ topic, at, err: error }, "the topic stands still: what comes next cannot be read");
    },
    over() {
      if (isReported) log.info({ topic }, "the topic goes on");
      since = null;
      isReported = false;
    },
  };
}
