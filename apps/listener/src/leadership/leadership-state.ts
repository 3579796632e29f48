import type { Lease } from "@commcoin/broker";

/**
 * What a listener is among others. Times are milliseconds of this process's clock that only grows.
 *
 *            granted                    lost, expired
 *   standby ---------> leader --------------------------> standby
 *      |                 |
 *      +---- stop -------+-----> stopped
 */
export type LeadershipState =
  | { readonly role: "standby" }
  /** Nobody else can have the lease before `until`. */
  | { readonly role: "leader"; readonly lease: Lease; readonly until: number }
  | { readonly role: "stopped" };

export type LeadershipEvent =
  /** The broker gave the lease, or extended it. */
  | { readonly type: "granted"; readonly lease: Lease; readonly until: number }
  /** The broker says that somebody else has it, or refused a fencing number. */
  | { readonly type: "lost" }
  /** Time went by. */
  | { readonly type: "time"; readonly now: number }
  | { readonly type: "stop" };

type Of<Union, Key extends PropertyKey, Value> = Extract<Union, Record<Key, Value>>;
type Transitions = {
  readonly [Role in LeadershipState["role"]]: {
    readonly [Type in LeadershipEvent["type"]]: (
      state: Of<LeadershipState, "role", Role>,
      event: Of<LeadershipEvent, "type", Type>,
    ) => LeadershipState;
  };
};

const STANDBY: LeadershipState = { role: "standby" };
const STOPPED: LeadershipState = { role: "stopped" };

const TRANSITIONS: Transitions = {
  standby: {
    granted: (_, { lease, until }) => ({ role: "leader", lease, until }),
    lost: (state) => state,
    time: (state) => state,
    stop: () => STOPPED,
  },
  leader: {
    // Another fencing number means that it was lost in between: what was begun under the old one has to end first.
    granted: (state, { lease, until }) =>
      lease.fence === state.lease.fence ? { ...state, until: Math.max(state.until, until) } : STANDBY,
    lost: () => STANDBY,
    time: (state, { now }) => (now < state.until ? state : STANDBY),
    stop: () => STOPPED,
  },
  stopped: {
    granted: (state) => state,
    lost: (state) => state,
    time: (state) => state,
    stop: (state) => state,
  },
};

/** What becomes of a listener when something happens. */
export function nextLeadership(state: LeadershipState, event: LeadershipEvent): LeadershipState {
  const transition = TRANSITIONS[state.role][event.type] as (
    state: LeadershipState,
    event: LeadershipEvent,
  ) => LeadershipState;
  return transition(state, event);
}
