import { describe, expect, it } from "vitest";
import { createSlotPace, type SlotPace } from "./slot-pace.ts";

/** Asks for blocks that are there so many milliseconds after their announcement, as the walk does. */
function askFor(pace: SlotPace, readyAfterMs: readonly number[]) {
  let requests = 0;
  let lateMs = 0;
  for (const readyAfter of readyAfterMs) {
    let at = pace.delayMs;
    let refusedAt: number | null = null;
    for (let refusals = 0; at < readyAfter;) {
      refusals += 1;
      refusedAt = at;
      at += pace.retryMs(refusals);
    }
    requests += refusedAt === null ? 1 : 2;
    lateMs += at - readyAfter;
    if (refusedAt === null) pace.inTime();
    else pace.early(refusedAt, at);
  }
  return { requests: requests / readyAfterMs.length, lateMs: lateMs / readyAfterMs.length };
}

const slots = (count: number, readyAfterMs: number): readonly number[] =>
  Array.from({ length: count }, (_, slot) => readyAfterMs * (slot % 2 === 0 ? 0.98 : 1.02));

describe("the moment to ask for a block", () => {
  it.each([60, 400, 900, 3_000])("is found where blocks take %i ms", (readyAfterMs) => {
    const pace = createSlotPace();
    askFor(pace, slots(100, readyAfterMs));
    const { requests, lateMs } = askFor(pace, slots(400, readyAfterMs));
    expect(requests).toBeLessThan(1.5);
    expect(lateMs).toBeLessThan(readyAfterMs * 0.15 + 25);
  });

  it("is found again when slots become shorter or longer", () => {
    const pace = createSlotPace();
    for (const readyAfterMs of [800, 300, 1_200]) {
      askFor(pace, slots(800, readyAfterMs));
      const { requests, lateMs } = askFor(pace, slots(200, readyAfterMs));
      expect(requests).toBeLessThan(1.5);
      expect(lateMs).toBeLessThan(readyAfterMs * 0.15 + 25);
    }
  });

  it("is never put off by more than five seconds, whatever a node that stands still made of it", () => {
    const pace = createSlotPace();
    for (let slot = 0; slot < 50; slot += 1) pace.early(50_000, 70_000);
    expect(pace.delayMs).toBe(5_000);
  });

  it("comes again soon after a refusal, then less and less often, at least once in a second", () => {
    const pace = createSlotPace();
    const delays = Array.from({ length: 20 }, (_, refusals) => pace.retryMs(refusals + 1));
    expect(delays.slice(0, 3)).toEqual([25, 37.5, 56.25]);
    expect(delays.at(-1)).toBe(1_000);
  });
});
