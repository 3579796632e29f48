import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFinalityTracker } from "./finality-tracker.ts";

const of = (slot: number, n = 0) => ({ signature: `${slot}.${n}`, slot, body: null });
const names = (list: readonly { readonly signature: string }[]) => list.map(({ signature }) => signature);

describe("finality tracker", () => {
  it("gives out what became final, slot by slot, once", () => {
    const tracker = createFinalityTracker<null>(100);
    for (const tracked of [of(12), of(10), of(10, 1), of(15)]) tracker.add(tracked);
    const { final, doubtful } = tracker.decide(10, [10, 11, 12, 13]);
    expect(names(final)).toEqual(["10.0", "10.1", "12.0"]);
    expect(doubtful).toEqual([]);
    expect([tracker.oldest, tracker.size]).toEqual([15, 1]);
    expect(tracker.decide(10, [10, 11, 12, 13])).toEqual({ final: [], doubtful: [] });
  });

  it("doubts a slot that is missing in three answers, and only below what is final", () => {
    const tracker = createFinalityTracker<null>(100);
    for (const tracked of [of(10), of(20)]) tracker.add(tracked);
    for (const doubtful of [[], [], ["10.0"], ["10.0"]]) {
      expect(names(tracker.decide(10, [9, 11, 12]).doubtful)).toEqual(doubtful);
    }
    // A node that has caught up knows better.
    expect(names(tracker.decide(10, [10, 11]).final)).toEqual(["10.0"]);
    tracker.remove("20.0");
    expect([tracker.oldest, tracker.size]).toEqual([null, 0]);
  });

  it("knows nothing from an empty answer", () => {
    const tracker = createFinalityTracker<null>(100);
    tracker.add(of(10));
    for (let n = 0; n < 9; n += 1) expect(tracker.decide(10, [])).toEqual({ final: [], doubtful: [] });
  });

  it("lets the oldest slot make way when it is full", () => {
    const tracker = createFinalityTracker<null>(2);
    expect([of(10), of(11), of(11)].flatMap((tracked) => tracker.add(tracked))).toEqual([]);
    expect(names(tracker.add(of(12)))).toEqual(["10.0"]);
    expect([tracker.oldest, tracker.size]).toEqual([11, 2]);
  });

  it("holds more slots than a call takes arguments", () => {
    const tracker = createFinalityTracker<null>(150_000);
    for (let slot = 150_000; slot > 0; slot -= 1) tracker.add(of(slot));
    expect(tracker.oldest).toBe(1);
    expect(names(tracker.add(of(150_001)))).toEqual(["1.0"]);
  });

  it("ends each transaction once: final if its slot is on the chain, doubtful if it is not", () => {
    const slot = fc.record({ present: fc.boolean(), transactions: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(slot, { maxLength: 30 }),
        fc.array(fc.nat(29), { maxLength: 10 }),
        (slots, heads) => {
          const tracker = createFinalityTracker<null>(1_000);
          const present = slots.flatMap((each, n) => (each.present ? [n] : []));
          for (const [n, { transactions }] of slots.entries()) {
            for (let index = 0; index < transactions; index += 1) tracker.add(of(n, index));
          }
          const final: string[] = [];
          const doubtful = new Set<string>();
          for (const head of [...heads.toSorted((a, b) => a - b), 29, 29, 29]) {
            const verdicts = tracker.decide(
              0,
              present.filter((n) => n <= head),
            );
            final.push(...names(verdicts.final));
            for (const name of names(verdicts.doubtful)) doubtful.add(name);
          }
          const highest = present.at(-1) ?? -1;
          const expected = (wanted: boolean) =>
            slots.flatMap((each, n) =>
              each.present === wanted && n <= highest
                ? Array.from({ length: each.transactions }, (_, index) => `${n}.${index}`)
                : [],
            );
          expect(final).toEqual(expected(true));
          expect(doubtful).toEqual(new Set(expected(false)));
        },
      ),
    );
  });
});
