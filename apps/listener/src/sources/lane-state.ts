import { createMachine, type State, type Transitions } from "./generations.ts";

/**
 * What one connection brings of one address.
 *
 *   idle -> subscribing -> backfilling -> live
 *               ^   |           |           |
 *               |   v           v           |
 *               +- backing_off <------------+     idle, whenever the connection is gone; stopped, from everywhere
 *
 * Subscribe first, hold back what comes in, list what was missed, pass both on: the only order without a gap.
 */
export type LaneStateName = "idle" | "subscribing" | "backfilling" | "live" | "backing_off" | "stopped";
export type LaneState = State<LaneStateName>;

export type LaneEventType =
  /** The connection is live. */
  | "connected"
  /** The connection is gone. */
  | "disconnected"
  /** The node acknowledged the subscription. */
  | "acknowledged"
  /** What was missed has been listed and passed on. */
  | "caught_up"
  /** The subscription was refused or ended. */
  | "failed"
  /** The back-off is over. */
  | "retry"
  | "stop";

export type LaneCommand =
  /** Begins an attempt. */
  | "subscribe"
  /** Lists what was missed, and passes it on with what was held back. */
  | "backfill"
  /** Tells that everything comes through. */
  | "go_live"
  /** Ends the attempt, and all that it began. */
  | "end"
  /** Comes back with `retry`. */
  | "wait"
  | "cancel_wait";

const TRANSITIONS: Transitions<LaneStateName, LaneEventType, LaneCommand> = {
  idle: {
    connected: ["subscribing", "subscribe"],
    disconnected: null,
    acknowledged: null,
    caught_up: null,
    failed: null,
    retry: null,
    stop: ["stopped"],
  },
  subscribing: {
    connected: null,
    disconnected: ["idle", "end"],
    acknowledged: ["backfilling", "backfill"],
    caught_up: null,
    failed: ["backing_off", "end", "wait"],
    retry: null,
    stop: ["stopped", "end"],
  },
  backfilling: {
    connected: null,
    disconnected: ["idle", "end"],
    acknowledged: null,
    caught_up: ["live", "go_live"],
    failed: ["backing_off", "end", "wait"],
    retry: null,
    stop: ["stopped", "end"],
  },
  live: {
    connected: null,
    disconnected: ["idle", "end"],
    acknowledged: null,
    caught_up: null,
    failed: ["backing_off", "end", "wait"],
    retry: null,
    stop: ["stopped", "end"],
  },
  backing_off: {
    connected: null,
    disconnected: ["idle", "cancel_wait"],
    acknowledged: null,
    caught_up: null,
    failed: null,
    retry: ["subscribing", "subscribe"],
    stop: ["stopped", "cancel_wait"],
  },
  stopped: {
    connected: null,
    disconnected: null,
    acknowledged: null,
    caught_up: null,
    failed: null,
    retry: null,
    stop: null,
  },
};

export const LANE_START: LaneState = { name: "idle", generation: 0 };

export const nextLane = createMachine(TRANSITIONS, "subscribing");

const ADMISSION = {
  idle: "drop",
  subscribing: "hold",
  backfilling: "hold",
  live: "pass",
  backing_off: "drop",
  stopped: "drop",
} as const satisfies Record<LaneStateName, string>;

/** What becomes of a notification that the subscription of an attempt brought. */
export const admit = (state: LaneState, generation: number): "pass" | "hold" | "drop" =>
  generation === state.generation ? ADMISSION[state.name] : "drop";
