import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Lane } from "../model/lane.ts";
import type { Content, Intake, SignatureNotification } from "../model/notification.ts";
import type { Watermarks } from "../progress/watermarks.ts";
import { createEarlyNotifications } from "./early-notifications.ts";
import { offerBlock } from "./offer-block.ts";
import type { BlockWalker } from "./walker.ts";

export interface FirehoseOptions {
  /** Programs of which every transaction is wanted. */
  readonly lanes: readonly Lane[];
  readonly walker: BlockWalker;
  readonly watermarks: Watermarks;
  readonly intake: Intake;
  /** Where what has waited for its block, and so was reported before, goes on. */
  readonly pipeline: { take(notification: SignatureNotification, content?: Content): void };
  /** The newest slot that a node announced. */
  readonly head: () => number | null;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
}

/** Whole confirmed blocks as the source of programs: one request per slot, whatever is in it. */
export interface Firehose {
  /** Reads blocks from the watermarks on until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** A notification of another source. @returns whether it waits here for its block. */
  hold(notification: SignatureNotification): boolean;
  /** The lowest slot of which a notification waits; null when there is none. */
  readonly oldestHeld: number | null;
  /** null when blocks are read as they come, else what is wrong. */
  problem(): string | null;
}

/** Without a block for so long, nobody can say that the blocks are followed. */
const MAX_SILENCE_MS = 15_000;

export function createFirehose({
  lanes,
  walker,
  watermarks,
  intake,
  pipeline,
  head,
  log,
  metrics,
}: FirehoseOptions): Firehose {
  const starts = lanes.map(({ address }) => ({ address, from: watermarks.of(address) + 1 }));
  const from = Math.min(...starts.map((start) => start.from));
  const early = createEarlyNotifications(from - 1);
  const sources = new Map(lanes.map(({ address, source }) => [address, source]));
  let last = from - 1;
  let lastAt = performance.now();

  return {
    async run(signal) {
      log.info({ from_slot: from }, "reading blocks");
      await walker.walk(
        {
          from,
          kind: "live",
          addressesOf: (slot) => starts.filter((start) => slot >= start.from).map(({ address }) => address),
          async onBlock(block, origin) {
            await intake.untilCapacity(signal);
            if (signal.aborted) return;
            const receivedAt = performance.now();
            offerBlock(block, {
              log,
              metrics,
              offer: (signature, address, content) => {
                const { slot } = block;
                const { error: err } = content.transaction;
                const source = sources.get(address) ?? "token";
                const found = { signature, slot, address, err, source, origin, receivedAt };
                // Blocks are the same whoever gives them: no node is credited.
                const notification = { ...found, endpoint: null };
                if (early.claim(signature)) pipeline.take(notification, content);
                else intake.offer(notification, content);
              },
            });
            for (const notification of early.passed(block.slot)) pipeline.take(notification);
            for (const { address } of lanes) watermarks.listed(address, block.slot);
            last = block.slot;
            lastAt = receivedAt;
            metrics.slot.set({ of: "block" }, last);
          },
        },
        signal,
      );
    },
    hold: (notification) => early.hold(notification),
    get oldestHeld() {
      return early.oldest;
    },
    problem() {
      const silentMs = performance.now() - lastAt;
      if (silentMs < MAX_SILENCE_MS) return null;
      return `No block was read for ${Math.round(silentMs / 1_000)} seconds; the last one was that of slot ${last}, the node is at ${head() ?? "an unknown slot"}.`;
    },
  };
}
