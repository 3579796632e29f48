import { createMachine, type State, type Transitions } from "./generations.ts";

/**
 * A connection to a node.
 *
 *   idle -> connecting -> subscribing -> live
 *               ^              |           |
 *               |              v           |
 *               +------- backing_off <-----+      stopped, from everywhere
 *
 * It is live once the node has acknowledged the subscription to its slots, which is its heartbeat from then on.
 */
export type ConnectionStateName = "idle" | "connecting" | "subscribing" | "live" | "backing_off" | "stopped";
export type ConnectionState = State<ConnectionStateName>;

export type ConnectionEventType =
  | "start"
  /** The socket is open. */
  | "opened"
  /** The node acknowledged the subscription to its slots. */
  | "acknowledged"
  /** The attempt failed or the connection ended, or a watchdog gave it up. */
  | "lost"
  /** The back-off is over. */
  | "retry"
  | "stop";

export type ConnectionCommand =
  /** Opens a socket: begins an attempt. */
  | "open"
  | "subscribe_to_slots"
  /** Tells the lanes that they can subscribe. */
  | "announce"
  /** Ends the attempt: closes the socket and tells the lanes. */
  | "close"
  /** Chooses a node and comes back with `retry`. */
  | "wait"
  | "cancel_wait";

const TRANSITIONS: Transitions<ConnectionStateName, ConnectionEventType, ConnectionCommand> = {
  idle: {
    start: ["connecting", "open"],
    opened: null,
    acknowledged: null,
    lost: null,
    retry: null,
    stop: ["stopped"],
  },
  connecting: {
    start: null,
    opened: ["subscribing", "subscribe_to_slots"],
    acknowledged: null,
    lost: ["backing_off", "close", "wait"],
    retry: null,
    stop: ["stopped", "close"],
  },
  subscribing: {
    start: null,
    opened: null,
    acknowledged: ["live", "announce"],
    lost: ["backing_off", "close", "wait"],
    retry: null,
    stop: ["stopped", "close"],
  },
  live: {
    start: null,
    opened: null,
    acknowledged: null,
    lost: ["backing_off", "close", "wait"],
    retry: null,
    stop: ["stopped", "close"],
  },
  backing_off: {
    start: null,
    opened: null,
    acknowledged: null,
    lost: null,
    retry: ["connecting", "open"],
    stop: ["stopped", "cancel_wait"],
  },
  stopped: { start: null, opened: null, acknowledged: null, lost: null, retry: null, stop: null },
};

export const CONNECTION_START: ConnectionState = { name: "idle", generation: 0 };

export const nextConnection = createMachine(TRANSITIONS, "connecting");
