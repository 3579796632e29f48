import type { MembershipState } from "../connections/membership.ts";

/**
 * What happens to a membership.
 *
 *             join, resume                    fell_behind
 *   waiting ------------------> joined <-----------------------> conflating
 *      |                        ^    |       caught_up, lost         |
 *      | replay      caught_up, |    | replay                        |
 *      v           lost, resume |    v                       replay  |
 *   replaying -----------------------+ <-----------------------------+
 *
 * and `leave` leads from each to `left`, where it ends.
 */
export type MembershipEvent =
  /** The client asked for the topic and for nothing of its past. */
  | "join"
  /** The client said where it stands, and misses nothing. */
  | "resume"
  /** Past frames are to be sent first. */
  | "replay"
  /** Everything that it lacked was sent. */
  | "caught_up"
  /** What it lacks cannot be sent any more: it was told so. */
  | "lost"
  /** Too much waits for a client that wants the newest values only. */
  | "fell_behind"
  | "leave";

/** What is done, in this order. */
export type MembershipAction =
  /** The socket gets live frames from now on. */
  | "subscribe"
  | "unsubscribe"
  /** The next frame to send, and what belongs to it, is where the event says. */
  | "move"
  /** Past frames are sent to it from now on, some at a time. */
  | "queue"
  | "unqueue";

export interface Transition {
  readonly to: MembershipState;
  readonly actions: readonly MembershipAction[];
}

const stay = (to: MembershipState): Transition => ({ to, actions: [] });

const TRANSITIONS: Readonly<Record<MembershipState, Readonly<Record<MembershipEvent, Transition>>>> = {
  waiting: {
    join: { to: "joined", actions: ["move", "subscribe"] },
    resume: { to: "joined", actions: ["move", "subscribe"] },
    replay: { to: "replaying", actions: ["move", "queue"] },
    caught_up: stay("waiting"),
    lost: stay("waiting"),
    fell_behind: stay("waiting"),
    leave: { to: "left", actions: [] },
  },
  replaying: {
    // A replay that is under way goes on, unless the client says now where it stands.
    join: stay("replaying"),
    resume: { to: "joined", actions: ["unqueue", "move", "subscribe"] },
    replay: { to: "replaying", actions: ["unqueue", "move", "queue"] },
    caught_up: { to: "joined", actions: ["unqueue", "subscribe"] },
    lost: { to: "joined", actions: ["unqueue", "subscribe"] },
    fell_behind: stay("replaying"),
    leave: { to: "left", actions: ["unqueue"] },
  },
  joined: {
    join: stay("joined"),
    resume: stay("joined"),
    // Nothing may overtake what is replayed.
    replay: { to: "replaying", actions: ["unsubscribe", "move", "queue"] },
    caught_up: stay("joined"),
    lost: stay("joined"),
    fell_behind: { to: "conflating", actions: ["unsubscribe", "move", "queue"] },
    leave: { to: "left", actions: ["unsubscribe"] },
  },
  conflating: {
    // What it lacked is before the position that it was just given.
    join: { to: "conflating", actions: ["move"] },
    resume: { to: "joined", actions: ["unqueue", "move", "subscribe"] },
    replay: { to: "replaying", actions: ["unqueue", "move", "queue"] },
    caught_up: { to: "joined", actions: ["unqueue", "subscribe"] },
    lost: { to: "joined", actions: ["unqueue", "subscribe"] },
    fell_behind: stay("conflating"),
    leave: { to: "left", actions: ["unqueue"] },
  },
  left: {
    join: stay("left"),
    resume: stay("left"),
    replay: stay("left"),
    caught_up: stay("left"),
    lost: stay("left"),
    fell_behind: stay("left"),
    leave: stay("left"),
  },
};

/** What becomes of a membership when something happens to it. */
export const nextMembership = (state: MembershipState, event: MembershipEvent): Transition =>
  TRANSITIONS[state][event];
