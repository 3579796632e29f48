import { createAbortScope } from "../abort-scope.ts";
import { followAddress, type LaneContext } from "./address-lane.ts";
import type { Intake, Source, SourceName } from "./source.ts";
import type { StartingPoint } from "./starting-point.ts";

export interface LogsSourceOptions extends Omit<LaneContext, "source" | "intake" | "onLive"> {
  readonly name: SourceName;
  /** Followed from the start. */
  readonly addresses: readonly string[];
  /** Whether the coins that were followed before are followed again. */
  readonly coins: boolean;
  /** The most addresses that are followed at a time; over it, the one that was added first makes way. */
  readonly maxAddresses: number;
  /** From where on transactions matter; null when the signal aborts first. */
  readonly startingPoint: (signal: AbortSignal) => Promise<StartingPoint | null>;
}

/** A source that follows addresses by `logsSubscribe`, which takes one address per subscription. */
export interface LogsSource extends Source {
  /** Follows one more address, from a slot on; an address that is followed already stays as it is. */
  follow(address: string, fromSlot: number): void;
  /** Stops following an address; nothing happens when it is not followed. */
  unfollow(address: string): void;
}

const STOPPED = { controller: createAbortScope(), ended: Promise.resolve() };

export function createLogsSource({
  name,
  addresses,
  maxAddresses,
  coins,
  startingPoint,
  ...context
}: LogsSourceOptions): LogsSource {
  /** By address, the oldest first. */
  const lanes = new Map<
    string,
    { readonly fromSlot: number; readonly controller: AbortController; readonly ended: Promise<void> }
  >();
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
    lanes.set(address, {
      fromSlot,
      controller,
      ended: followAddress(address, fromSlot, lane, controller.signal),
    });
  };

  const follow = (address: string, fromSlot: number): void => {
    if (running === null || lanes.has(address)) return;
    // What is still published while the source stops has to be followed by the next one.
    if (running.signal.aborted) lanes.set(address, { ...STOPPED, fromSlot });
    else start(address, fromSlot, running.intake);
    if (lanes.size <= maxAddresses) return;
    const [oldest, lane] = [...lanes].at(0) ?? [];
    if (oldest === undefined || lane === undefined) return;
    lanes.delete(oldest);
    lane.controller.abort();
    const text = "over the limit: stopped following";
    context.log.info({ source: name, address: oldest, limit: maxAddresses }, text);
  };

  return {
    name,
    follow,
    unfollow(address) {
      lanes.get(address)?.controller.abort();
      lanes.delete(address);
    },
    async run(intake, signal) {
      const point = await startingPoint(signal);
      if (signal.aborted || point === null) return;
      running = { intake, signal };
      for (const address of addresses) start(address, point.slotOf(address), intake);
      if (coins) for (const mint of point.coins) follow(mint, point.slotOf(mint));
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
    lanes: () =>
      [...lanes].map(([address, { fromSlot }]) => ({ source: name, address, fromSlot, coin: coins })),
    status() {
      const wanted = Math.max(lanes.size, addresses.length);
      const { endpoint, open } = context.connection.status();
      const waiting = open ? ("subscribing" as const) : ("connecting" as const);
      const state = wanted === 0 ? "off" : live === wanted ? "live" : waiting;
      return { name, wanted, live, streams: [{ endpoint, state, live }] };
    },
  };
}
