import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAbortScope } from "../abort-scope.ts";
import { createBudget } from "./with-budget.ts";

/** A budget on a clock that only its own waiting moves. */
function setUp(perSecond: number) {
  let now = 0;
  let delayed = 0;
  const budget = createBudget({
    perSecond,
    onDelay: () => {
      delayed += 1;
    },
    now: () => now,
    wait: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  });
  return {
    budget,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    delayed: () => delayed,
  };
}

describe("budget of requests", () => {
  it("lets the requests of one second go at once, and the others in time", async () => {
    const { budget, now, delayed } = setUp(10);
    for (let n = 0; n < 10; n += 1) await budget.take();
    expect([now(), delayed()]).toEqual([0, 0]);
    for (let n = 0; n < 5; n += 1) await budget.take();
    expect(now()).toBeCloseTo(500);
    expect(delayed()).toBe(5);
  });

  it("never lets more go within any second than twice the limit, nor more over time than the limit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { minLength: 1, maxLength: 80 }), async (pauses) => {
        const { budget, pass, now } = setUp(5);
        const sent: number[] = [];
        for (const ms of pauses) {
          pass(ms);
          await budget.take();
          sent.push(now());
        }
        for (const [index, at] of sent.entries()) {
          const within = sent.filter((other) => other <= at && other > at - 1_000).length;
          expect(within).toBeLessThanOrEqual(10);
          expect(index + 1).toBeLessThanOrEqual(5 + 0.001 + (at / 1_000) * 5);
        }
      }),
    );
  });

  it("has no limit at 0", async () => {
    const { budget, now, delayed } = setUp(0);
    for (let n = 0; n < 1_000; n += 1) await budget.take();
    expect([now(), delayed()]).toEqual([0, 0]);
  });

  it("rejects a request that was given up while it waited", async () => {
    const { budget } = setUp(1);
    await budget.take();
    const scope = createAbortScope();
    scope.abort();
    await expect(budget.take(scope.signal)).rejects.toThrow("aborted");
  });
});
