import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MembershipState } from "../connections/membership.ts";
import { nextMembership, type MembershipEvent } from "./membership-state.ts";

const STATES: readonly MembershipState[] = ["waiting", "replaying", "joined", "conflating", "left"];
const EVENTS: readonly MembershipEvent[] = [
  "join",
  "resume",
  "replay",
  "caught_up",
  "lost",
  "fell_behind",
  "leave",
];
const pairs = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const));

/** What the actions so far have made of a membership. */
interface Effect {
  readonly subscriptions: number;
  readonly queued: number;
  readonly moved: number;
}

const effectOf = (state: MembershipState, event: MembershipEvent): Effect => {
  const { actions } = nextMembership(state, event);
  const count = (name: string): number => actions.filter((action) => action === name).length;
  return {
    subscriptions: count("subscribe") - count("unsubscribe"),
    queued: count("queue") - count("unqueue"),
    moved: count("move"),
  };
};

const isQueued = (state: MembershipState): boolean => state === "replaying" || state === "conflating";

describe("membership state", () => {
  it.each(pairs)("%s, %s: has an answer, which leads to a state that there is", (state, event) => {
    expect(STATES).toContain(nextMembership(state, event).to);
  });

  it.each(pairs)(
    "%s, %s: is subscribed when joined, and queued when something is to be sent",
    (state, event) => {
      const { to } = nextMembership(state, event);
      const { subscriptions, queued } = effectOf(state, event);
      expect(subscriptions).toBe(Number(to === "joined") - Number(state === "joined"));
      expect(queued).toBe(Number(isQueued(to)) - Number(isQueued(state)));
    },
  );

  it.each(pairs)("%s, %s: is not subscribed while it is queued, in between neither", (state, event) => {
    let subscribed = state === "joined";
    let queued = isQueued(state);
    for (const action of nextMembership(state, event).actions) {
      if (action === "subscribe") subscribed = true;
      if (action === "unsubscribe") subscribed = false;
      if (action === "queue") queued = true;
      if (action === "unqueue") queued = false;
      expect(subscribed && queued).toBe(false);
    }
  });

  it("comes from anywhere to live frames, and to its end, where it stays", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS)), (events) => {
        const state = events.reduce<MembershipState>((at, event) => nextMembership(at, event).to, "waiting");
        expect(state === "left").toBe(events.includes("leave"));
        const resumed = nextMembership(state, "resume").to;
        expect(resumed).toBe(state === "left" ? "left" : "joined");
        const left = nextMembership(state, "leave").to;
        for (const event of EVENTS) expect(nextMembership(left, event)).toEqual({ to: "left", actions: [] });
      }),
    );
  });

  it("gives a position whenever past frames are to be sent from there", () => {
    for (const state of STATES) {
      const { to } = nextMembership(state, "replay");
      expect(effectOf(state, "replay").moved).toBe(Number(to === "replaying"));
    }
  });
});
