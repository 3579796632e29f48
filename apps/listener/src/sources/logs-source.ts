import { createAbortScope } from "../abort-scope.ts";
import { followAddress, type LaneContext } from "./address-lane.ts";
import type { Intake, Source, SourceName } from "./source.ts";

export interface LogsSourceOptions extends Omit<LaneContext, "source" | "intake" | "onLive"> {
  readonly name: SourceName;
  /** Followed from the start. */
  readonly addresses: readonly string[];
  /** The most addresses that are followed at a time; over it, the one that was added first makes way. */
  readonly maxAddresses: number;
  /** The slot from which on transactions matter. */
  readonly firstSlot: (signal: AbortSignal) => Promise<number>;
}

/** A source that follows addresses by `logsSubscribe`, which takes one address per subscription. */
export interface LogsSource extends Source {
  /** Follows one more address, from a slot on; an address that is followed already stays as it is. */
  follow(address: string, fromSlot: number): void;
  /** Stops following an address; nothing happens when it is not followed. */
  unfollow(address: string): void;
}

export function createLogsSource({
  name,
  addresses,
  maxAddresses,
  firstSlot,
  ...context
}: LogsSourceOptions): LogsSource {
  /** By address, the oldest first. */
  const lanes = new Map<string, { readonly controller: AbortController; readonly ended: Promise<void> }>();
  let live = 0;
  let running: { readonly intake: Intake; readonly signal: AbortSignal } | null = null;

  const report = (): void => context.metrics.subscriptions.set({ source: name }, live);

  const start = (address: string, fromSlot: number, intake: Intake): void => {
    const controller = createAbortScope();
    let counted = false;
    const onLive = (isLive: boolean): void => {
      if (isLive === counted) return;
      counted = isLive;
      live += isLive ? 1 : -1;
      report();
    };
    const lane = { ...context, source: name, intake, onLive };
    lanes.set(address, { controller, ended: followAddress(address, fromSlot, lane, controller.signal) });
  };

  return {
    name,
    follow(address, fromSlot) {
      if (running === null || running.signal.aborted || lanes.has(address)) return;
      start(address, fromSlot, running.intake);
      if (lanes.size <= maxAddresses) return;
      const [oldest, lane] = [...lanes].at(0) ?? [];
      if (oldest === undefined || lane === undefined) return;
      lanes.delete(oldest);
      lane.controller.abort();
      context.log.info(
        { source: name, address: oldest, limit: maxAddresses },
        "over the limit: stopped following",
      );
    },
    unfollow(address) {
      lanes.get(address)?.controller.abort();
      lanes.delete(address);
    },
    async run(intake, signal) {
      const from = await firstSlot(signal);
      if (signal.aborted) return;
      running = { intake, signal };
      for (const address of addresses) start(address, from, intake);
      if (addresses.length > 0) {
        const shown = addresses.length <= 4 ? { addresses } : { addresses: addresses.length };
        context.log.info({ source: name, ...shown }, "subscribing");
      }
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      });
      const ending = [...lanes.values()];
      for (const { controller } of ending) controller.abort();
      await Promise.all(ending.map(({ ended }) => ended));
    },
    status: () => ({ name, wanted: Math.max(lanes.size, addresses.length), live }),
  };
}
