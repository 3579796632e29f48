import { createBackoff, sleep, whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Gap } from "../model/gap.ts";
import type { Lane } from "../model/lane.ts";
import type { Intake, MissedTransaction } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { createGapTasks } from "./gap-tasks.ts";
import { offerBlock } from "./offer-block.ts";
import type { BlockWalker } from "./walker.ts";

export interface GapFillerOptions {
  readonly walker: BlockWalker;
  readonly intake: Intake;
  readonly lanes: () => readonly Lane[];
  readonly seen: Pick<SeenSlots, "has" | "floor">;
  /** An audit's gap is proven up to this slot: all of it was brought to publication. */
  readonly onProven: (address: string, slot: number) => void;
  readonly missed: MissedTransaction;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
  readonly metrics: ListenerMetrics;
}

/** Fills gaps that are too large to be listed from whole blocks, however many transactions that are. */
export interface GapFiller {
  add(gap: Gap): void;
  /** Whether an audit has to wait for a gap of this address. */
  isBusy(address: string): boolean;
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

const BACKOFF = { minMs: 500, maxMs: 10_000 };

export function createGapFiller({
  walker,
  intake,
  lanes,
  seen,
  onProven,
  missed,
  log,
  throttledLog,
  metrics,
}: GapFillerOptions): GapFiller {
  const tasks = createGapTasks();
  let wake = (): void => {};

  const pass = async (range: { from: number; to: number }, signal: AbortSignal): Promise<void> => {
    await walker.walk(
      {
        ...range,
        kind: "catch_up",
        addressesOf: (slot) => tasks.addressesOf(slot),
        async onBlock(block) {
          await intake.untilCapacity(signal);
          if (signal.aborted) return;
          const { slot } = block;
          const receivedAt = performance.now();
          offerBlock(block, {
            log,
            metrics,
            offer: (signature, address, content) => {
              const [gap] = tasks.gapsOf(address);
              if (gap === undefined) return;
              const { source, origin } = gap;
              if (origin === "audit" && slot > seen.floor && !seen.has(signature, slot))
                missed({ signature, address, source });
              const { error: err } = content.transaction;
              const found = { signature, slot, address, err, source, origin, receivedAt };
              intake.offer({ ...found, endpoint: null }, content);
            },
          });
          for (const { address, origin, to } of tasks.passed(slot)) {
            if (origin === "audit") onProven(address, to);
          }
          tasks.keep(new Set(lanes().map(({ address }) => address)));
        },
      },
      signal,
    );
    // The last slots need not have blocks.
    if (signal.aborted) return;
    for (const { address, origin, to } of tasks.passed(range.to))
      if (origin === "audit") onProven(address, to);
  };

  return {
    add(gap) {
      const { source, address, from, to } = gap;
      metrics.largeGaps.inc({ source });
      const text = "a gap is too large to be listed: it is filled from whole blocks";
      log.info({ source, address, from_slot: from, to_slot: to }, text);
      tasks.add(gap);
      wake();
    },
    isBusy: (address) => tasks.isAudited(address),
    async run(signal) {
      const backoff = createBackoff(BACKOFF);
      const leave = whenAborted(signal, () => wake());
      while (!signal.aborted) {
        const range = tasks.beginPass();
        if (range === null) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (signal.aborted) resolve();
          });
          continue;
        }
        try {
          await pass(range, signal);
          backoff.reset();
        } catch (error) {
          throttledLog.warn({ error: errorText(error) }, "cannot fill a gap from blocks");
          await sleep(backoff.next(), signal);
        }
      }
      leave();
    },
  };
}
