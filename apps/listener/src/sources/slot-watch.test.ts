import { describe, expect, it } from "vitest";
import { createSlotWatch } from "./slot-watch.ts";

describe("slot watch", () => {
  it("is stalled when no first slot comes in time", () => {
    const watch = createSlotWatch(1_000, 10_000);
    expect(watch.stalledMs(11_000)).toBeNull();
    expect(watch.stalledMs(11_001)).toBe(10_001);
    expect(watch.slot).toBeNull();
  });

  it("counts from the newest slot, and keeps the highest", () => {
    const watch = createSlotWatch(0, 10_000);
    watch.seen(7, 9_000);
    watch.seen(6, 9_400);
    expect(watch.slot).toBe(7);
    expect(watch.stalledMs(19_400)).toBeNull();
    expect(watch.stalledMs(19_401)).toBe(10_001);
  });

  it("has patience with a network whose slots are slow", () => {
    const watch = createSlotWatch(0, 1_000);
    for (let slot = 1; slot <= 20; slot += 1) watch.seen(slot, slot * 2_000);
    expect(watch.stalledMs(40_000 + 15_000)).toBeNull();
    expect(watch.stalledMs(40_000 + 16_001)).not.toBeNull();
  });

  it("does not count time in which nothing could arrive", () => {
    const watch = createSlotWatch(0, 1_000);
    watch.seen(1, 0);
    watch.paused(5_000);
    expect(watch.stalledMs(5_900)).toBeNull();
    expect(watch.stalledMs(6_001)).toBe(1_001);
  });

  it("says when the newest slot was announced, also while nothing could arrive", () => {
    const watch = createSlotWatch(0, 1_000);
    watch.seen(1, 400);
    watch.paused(5_000);
    expect(watch.at).toBe(400);
  });

  it("does not take time in which nothing could arrive for the network's pace", () => {
    const watch = createSlotWatch(0, 1_000);
    for (let slot = 1; slot <= 20; slot += 1) watch.seen(slot, slot * 100);
    watch.paused(60_000);
    watch.seen(21, 60_100);
    expect(watch.stalledMs(61_101)).toBe(1_001);
  });
});
