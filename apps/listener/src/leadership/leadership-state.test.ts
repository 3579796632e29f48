import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextLeadership, type LeadershipEvent, type LeadershipState } from "./leadership-state.ts";

type Role = LeadershipState["role"];
const lease = (fence: number) => ({ name: "listener", holder: "me", fence });
const leader = (fence = 1, until = 100): LeadershipState => ({ role: "leader", lease: lease(fence), until });

const STATES: Record<Role, LeadershipState> = {
  standby: { role: "standby" },
  leader: leader(),
  stopped: { role: "stopped" },
};
const EVENTS = {
  granted: { type: "granted", lease: lease(1), until: 200 },
  "granted anew": { type: "granted", lease: lease(2), until: 200 },
  "granted late": { type: "granted", lease: lease(1), until: 50 },
  lost: { type: "lost" },
  "time before the end": { type: "time", now: 99 },
  "time at the end": { type: "time", now: 100 },
  stop: { type: "stop" },
} satisfies Record<string, LeadershipEvent>;

const { standby, stopped } = STATES;
/** What becomes of every state with every event. */
const TABLE: Record<Role, Record<keyof typeof EVENTS, LeadershipState>> = {
  standby: {
    granted: leader(1, 200),
    "granted anew": leader(2, 200),
    "granted late": leader(1, 50),
    lost: standby,
    "time before the end": standby,
    "time at the end": standby,
    stop: stopped,
  },
  leader: {
    granted: leader(1, 200),
    "granted anew": standby,
    "granted late": leader(1, 100),
    lost: standby,
    "time before the end": leader(),
    "time at the end": standby,
    stop: stopped,
  },
  stopped: {
    granted: stopped,
    "granted anew": stopped,
    "granted late": stopped,
    lost: stopped,
    "time before the end": stopped,
    "time at the end": stopped,
    stop: stopped,
  },
};

describe("leadership", () => {
  const roles = Object.keys(TABLE) as Role[];
  const events = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  const cases = roles.flatMap((role) => events.map((event) => [role, event] as const));
  it.each(cases)("%s, %s", (role, event) => {
    expect(nextLeadership(STATES[role], EVENTS[event])).toEqual(TABLE[role][event]);
  });

  it("is held by one listener at a time, whatever is lost or late on the way", () => {
    /** A broker's lease and two listeners whose requests and answers may take any time. */
    const TTL = 12;
    const step = fc.tuple(
      fc.constantFrom("ask", "answer", "time", "stall"),
      fc.constantFrom(0, 1),
      fc.nat(6),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let now = 0;
        let held = { by: -1, fence: 0, until: 0 };
        const states: LeadershipState[] = [standby, standby];
        const answers: LeadershipEvent[][] = [[], []];
        for (const [what, who, delay] of steps) {
          const state = states[who] ?? standby;
          if (what === "ask") {
            const sentAt = now;
            now += delay;
            if (held.until <= now) held = { by: who, fence: held.fence + 1, until: now + TTL };
            else if (held.by === who) held.until = now + TTL;
            const event: LeadershipEvent =
              held.by === who
                ? { type: "granted", lease: lease(held.fence), until: sentAt + TTL }
                : { type: "lost" };
            answers[who]?.push(event);
          } else if (what === "answer") {
            const answer = answers[who]?.shift();
            if (answer !== undefined) states[who] = nextLeadership(state, answer);
          } else now += delay;
          // Before it publishes, a listener looks at its clock.
          const leaders = states.filter(
            (each) => nextLeadership(each, { type: "time", now }).role === "leader",
          );
          expect(leaders.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
