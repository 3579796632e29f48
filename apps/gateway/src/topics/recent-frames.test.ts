import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentFrames } from "./recent-frames.ts";

const frame = (offset: number): Uint8Array => Buffer.from(`frame ${offset}`);
const deliveries = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    epoch: "e",
    offset: from + index,
    frame: frame(from + index),
  }));

describe("recent frames", () => {
  it("holds nothing at first", () => {
    const recent = new RecentFrames(7);
    expect([recent.first, recent.last, recent.bytes]).toEqual([8, 7, 0]);
    expect(recent.at(7)).toBeUndefined();
    expect(recent.at(8)).toBeUndefined();
  });

  it("takes older frames only when they connect", () => {
    const recent = new RecentFrames(10);
    recent.append(frame(11));
    recent.prepend(deliveries(3, 5));
    expect(recent.first).toBe(11);
    recent.prepend(deliveries(6, 11));
    expect(recent.first).toBe(6);
    expect(recent.at(6)).toEqual(frame(6));
    expect(recent.at(11)).toEqual(frame(11));
    expect(recent.last).toBe(11);
  });

  it("does not keep a large network buffer alive", () => {
    const recent = new RecentFrames(0);
    const network = Buffer.alloc(100_000, "x");
    recent.append(network.subarray(10, 20));
    expect(recent.at(1)).toEqual(network.subarray(10, 20));
    expect(recent.at(1)?.buffer.byteLength).toBeLessThan(20_000);
  });

  it("is at any time the contiguous run up to its position, with the right sum of bytes", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("append" as const), n: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ kind: fc.constant("prepend" as const), n: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant("trim" as const), n: fc.integer({ min: 0, max: 300 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const recent = new RecentFrames(100);
        let [first, last] = [101, 100];
        for (const { kind, n } of steps) {
          if (kind === "append") {
            for (let i = 0; i < n; i += 1) recent.append(frame((last += 1)));
          } else if (kind === "prepend") {
            const from = Math.max(1, first - n);
            recent.prepend(deliveries(from, first - 1));
            first = from;
          } else {
            recent.trim(n, Number.MAX_SAFE_INTEGER);
            first = Math.max(first, last - n + 1);
          }
          expect([recent.first, recent.last]).toEqual([first, last]);
          expect(recent.at(first - 1)).toBeUndefined();
          expect(recent.at(last + 1)).toBeUndefined();
          const held = deliveries(first, last);
          const read = held.map(({ offset }) => String(recent.at(offset)));
          expect(read).toEqual(held.map(({ frame }) => String(frame)));
          expect(recent.bytes).toBe(held.reduce((sum, { frame }) => sum + frame.byteLength, 0));
        }
      }),
      { numRuns: 40 },
    );
  });
});
