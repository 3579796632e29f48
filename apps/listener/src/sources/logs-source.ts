import { untilAborted } from "@commcoin/service/lifecycle";
import type { StreamState } from "@commcoin/broker";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Intake, SourceName } from "../model/notification.ts";
import { createAbortScope } from "../support/abort-scope.ts";
import { followAddress, type LaneContext } from "./address-lane.ts";
import type { LaneStateName } from "./lane-state.ts";
import type { NodeConnection } from "./node-connection.ts";
import type { NodePool } from "./node-pool.ts";
import type { Source, SourceStatus } from "./source.ts";
import type { StartingPoint } from "./starting-point.ts";
import type { StreamComparison } from "./stream-comparison.ts";

export interface LogsSourceOptions extends Omit<
  LaneContext,
  "source" | "connection" | "intake" | "metrics" | "onState"
> {
  readonly name: SourceName;
  readonly pool: Pick<NodePool, "connections" | "slot">;
  readonly comparison: Pick<StreamComparison, "live">;
  readonly metrics: ListenerMetrics;
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

interface Followed {
  readonly fromSlot: number;
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
  /** What each connection brings of it. */
  readonly streams: Map<NodeConnection, LaneStateName>;
}

/** From what is furthest behind. */
const WORST_FIRST: readonly LaneStateName[] = ["backing_off", "idle", "subscribing", "backfilling", "live"];

export function createLogsSource({
  name,
  pool,
  comparison,
  addresses,
  maxAddresses,
  coins,
  startingPoint,
  ...context
}: LogsSourceOptions): LogsSource {
  const { log, metrics } = context;
  /** By address, the oldest first. */
  const followed = new Map<string, Followed>();
  let running: { readonly intake: Intake; readonly signal: AbortSignal } | null = null;

  /** States of all addresses on one connection. */
  const statesOn = (connection: NodeConnection): readonly LaneStateName[] =>
    [...followed.values()].map(({ streams }) => streams.get(connection) ?? "idle");
  const liveOn = new Map<NodeConnection, number>();

  const start = (address: string, fromSlot: number, intake: Intake): void => {
    const controller = createAbortScope();
    // What is still published while the source stops has to be followed by the next one, but not by this one.
    if (running?.signal.aborted === true) controller.abort();
    const streams: Followed["streams"] = new Map();
    const ended = Promise.all(
      pool.connections.map((connection) => {
        const onState = (state: LaneStateName, endpoint: string): void => {
          const wasLive = streams.get(connection) === "live";
          const isLive = state === "live";
          streams.set(connection, state);
          if (wasLive === isLive) return;
          comparison.live(address, endpoint, isLive);
          const live = (liveOn.get(connection) ?? 0) + (isLive ? 1 : -1);
          liveOn.set(connection, live);
          metrics.subscriptions.set({ source: name, endpoint }, live);
        };
        const lane = { ...context, source: name, connection, intake, onState };
        return followAddress(address, fromSlot, lane, controller.signal);
      }),
    );
    followed.set(address, { fromSlot, controller, ended, streams });
  };

  const unfollow = (address: string): void => {
    followed.get(address)?.controller.abort();
    followed.delete(address);
  };

  const follow = (address: string, fromSlot: number): void => {
    if (running === null || followed.has(address)) return;
    start(address, fromSlot, running.intake);
    if (followed.size <= maxAddresses) return;
    const [oldest] = followed.keys();
    if (oldest === undefined) return;
    unfollow(oldest);
    log.info({ source: name, address: oldest, limit: maxAddresses }, "over the limit: stopped following");
  };

  /** What the state of a connection and those of the addresses on it come to. */
  const stateOf = (connection: NodeConnection): StreamState => {
    const { state } = connection.status();
    const states = statesOn(connection);
    if (states.length === 0) return "off";
    if (state !== "live") return state;
    return WORST_FIRST.find((each) => states.includes(each)) ?? "idle";
  };

  return {
    name,
    follow,
    unfollow,
    async run(intake, signal) {
      const point = await startingPoint(signal);
      if (signal.aborted || point === null) return;
      running = { intake, signal };
      for (const address of addresses) start(address, point.slotOf(address), intake);
      if (coins) for (const mint of point.coins) follow(mint, point.slotOf(mint));
      if (addresses.length > 0) {
        const shown = addresses.length <= 4 ? { addresses } : { addresses: addresses.length };
        log.info({ source: name, ...shown }, "subscribing");
      }
      await untilAborted(signal);
      const ending = [...followed.values()];
      for (const { controller } of ending) controller.abort();
      await Promise.all(ending.map(({ ended }) => ended));
    },
    lanes: () =>
      [...followed].map(([address, { fromSlot }]) => ({ source: name, address, fromSlot, coin: coins })),
    status(): SourceStatus {
      const live = [...followed.values()].filter(({ streams }) => [...streams.values()].includes("live"));
      return {
        name,
        wanted: Math.max(followed.size, addresses.length),
        needed: Math.max(followed.size, addresses.length),
        live: live.length,
        streams: pool.connections.map((connection) => ({
          endpoint: connection.status().endpoint,
          state: stateOf(connection),
          live: liveOn.get(connection) ?? 0,
        })),
      };
    },
  };
}
