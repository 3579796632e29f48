import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUserTracker, type UserChanges } from "./user-tracker.ts";

const GRACE_MS = 1_500;

function start() {
  const clock = { now: 0 };
  const tracker = createUserTracker({ graceMs: () => GRACE_MS, now: () => clock.now });
  const tell = (isKnown = true): UserChanges => {
    const changes = tracker.due();
    tracker.settle(changes, isKnown);
    return changes;
  };
  return { clock, tracker, tell };
}

const nothing: UserChanges = { came: [], left: [] };
const came = (...users: string[]): UserChanges => ({ came: users, left: [] });
const left = (...users: string[]): UserChanges => ({ came: [], left: users });

describe("user tracker", () => {
  it("tells who came at once and once, and who left after the grace", () => {
    const { clock, tracker, tell } = start();
    tracker.came("ann");
    expect(tell()).toEqual(came("ann"));
    expect(tell()).toEqual(nothing);
    tracker.left("ann");
    clock.now += GRACE_MS - 1;
    expect(tell()).toEqual(nothing);
    clock.now += 1;
    expect(tell()).toEqual(left("ann"));
    expect(tell()).toEqual(nothing);
  });

  it("does not tell that one left who is back within the grace, nor anything of one who came and left before anything was told", () => {
    const { clock, tracker, tell } = start();
    tracker.came("ann");
    tell();
    tracker.left("ann");
    clock.now += GRACE_MS - 1;
    tracker.came("ann");
    tracker.came("bob");
    tracker.left("bob");
    expect(tell()).toEqual(came("ann"));
    clock.now += 10 * GRACE_MS;
    expect(tell()).toEqual(nothing);
  });

  it("tells again what may not have been heard, and takes back what is no longer true", () => {
    const { clock, tracker, tell } = start();
    tracker.came("ann");
    expect(tell(false)).toEqual(came("ann"));
    expect(tell(false)).toEqual(came("ann"));
    const uncertain = tracker.due();
    tracker.left("ann");
    tracker.settle(uncertain, false);
    expect(tell()).toEqual(nothing);
    clock.now += GRACE_MS;
    expect(tell()).toEqual(left("ann"));
  });

  it("tells everybody who is here anew after a restart, and nobody who left", () => {
    const { clock, tracker, tell } = start();
    for (const user of ["ann", "bob"]) tracker.came(user);
    tell();
    tracker.left("bob");
    tracker.came("eve");
    tracker.restart();
    expect(tracker.due().came.toSorted()).toEqual(["ann", "eve"]);
    tell();
    clock.now += GRACE_MS;
    expect(tell()).toEqual(nothing);
  });

  it("makes the cluster believe what is true in the end, whatever got lost on the way", () => {
    const step = fc.record({
      action: fc.constantFrom("came", "left", "begin", "heard", "lost", "unheard", "wait", "restart"),
      user: fc.constantFrom("ann", "bob"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (script) => {
        const { clock, tracker, tell } = start();
        const here = new Set<string>();
        const believed = new Set<string>();
        let inFlight: UserChanges | null = null;
        const hear = (changes: UserChanges): void => {
          for (const user of changes.came) believed.add(user);
          for (const user of changes.left) believed.delete(user);
        };
        for (const { action, user } of script) {
          if (action === "came" && !here.has(user)) tracker.came((here.add(user), user));
          else if (action === "left" && here.delete(user)) tracker.left(user);
          else if (action === "wait") clock.now += GRACE_MS;
          else if (action === "begin") inFlight ??= tracker.due();
          else if (inFlight !== null && ["heard", "lost", "unheard"].includes(action)) {
            if (action !== "lost") hear(inFlight);
            tracker.settle(inFlight, action === "heard");
            inFlight = null;
          } else if (action === "restart" && inFlight === null) {
            believed.clear();
            tracker.restart();
          }
        }
        if (inFlight !== null) tracker.settle(inFlight, false);
        for (let turn = 0; turn < 3; turn += 1) {
          hear(tell());
          clock.now += GRACE_MS;
        }
        expect([...believed].toSorted()).toEqual([...here].toSorted());
        expect(tell()).toEqual(nothing);
      }),
      { numRuns: 2_000 },
    );
  });
});
