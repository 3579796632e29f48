import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAbortScope } from "../support/abort-scope.ts";
import { REQUEST_CLASSES, type RequestClass } from "./request-class.ts";
import { createBudget } from "./with-budget.ts";

/** A budget on a clock that moves from one timer to the next. */
function setUp(perSecond: number) {
  let now = 0;
  let delayed = 0;
  const timers: { readonly at: number; readonly callback: () => void }[] = [];
  const budget = createBudget({
    perSecond,
    onDelay: () => {
      delayed += 1;
    },
    now: () => now,
    later: (callback, ms) => void timers.push({ at: now + ms, callback }),
  });
  const passUntil = async (end: number): Promise<void> => {
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= end);
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      now = next.at;
      next.callback();
      await settled();
    }
    now = end;
  };
  return { budget, pass: (ms: number) => passUntil(now + ms), now: () => now, delayed: () => delayed };
}

/** Everything that follows from what has resolved has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("budget of requests", () => {
  it("lets the requests of one second go at once, and the others in time", async () => {
    const { budget, pass, delayed } = setUp(10);
    let sent = 0;
    for (let n = 0; n < 15; n += 1) void budget.take("live").then(() => (sent += 1));
    await settled();
    expect([sent, delayed(), budget.waiting("live").count]).toEqual([10, 5, 5]);
    await pass(999);
    expect([sent, budget.waiting("live").oldestMs]).toEqual([10, 999]);
    await pass(1);
    expect([sent, budget.waiting("live").count]).toEqual([15, 0]);
  });

  it("never lets more go within any second than the limit, and loses none", async () => {
    const request = fc.record({ pause: fc.nat(400), kind: fc.constantFrom(...REQUEST_CLASSES) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 60 }), async (requests) => {
        const { budget, pass, now } = setUp(5);
        const sent: number[] = [];
        for (const { pause, kind } of requests) {
          await pass(pause);
          void budget.take(kind).then(() => sent.push(now()));
          await settled();
        }
        await pass((requests.length / 5 + 1) * 1_000);
        expect(sent).toHaveLength(requests.length);
        for (const at of sent) {
          expect(sent.filter((other) => other <= at && other > at - 1_000).length).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("sends the urgent first when the budget is short, and the others all the same", async () => {
    const { budget, pass } = setUp(8);
    const sent: RequestClass[] = [];
    const ask = (kind: RequestClass): void => void budget.take(kind).then(() => sent.push(kind));
    for (let n = 0; n < 8; n += 1) ask("audit");
    for (let n = 0; n < 8; n += 1) ask("audit");
    // More live requests than the budget, all the time.
    for (let second = 0; second < 10; second += 1) {
      for (let n = 0; n < 10; n += 1) ask("live");
      await pass(1_000);
    }
    expect(sent.slice(8, 15)).toEqual(Array.from({ length: 7 }, () => "live"));
    expect(sent.slice(8).filter((kind) => kind === "audit").length).toBeGreaterThanOrEqual(8);
  });

  it("has no limit at 0", async () => {
    const { budget, now, delayed } = setUp(0);
    for (let n = 0; n < 1_000; n += 1) await budget.take("live");
    expect([now(), delayed()]).toEqual([0, 0]);
  });

  it("rejects a request that was given up while it waited, and spends nothing on it", async () => {
    const { budget, pass } = setUp(1);
    await budget.take("live");
    const scope = createAbortScope();
    const given = budget.take("live", scope.signal);
    let sent = false;
    void budget.take("live").then(() => (sent = true));
    scope.abort();
    await expect(given).rejects.toThrow("aborted");
    await pass(1_000);
    expect(sent).toBe(true);
  });
});
