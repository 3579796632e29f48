import { describe, expect, it, vi } from "vitest";
import type { FaultName } from "./settings.ts";
import { createFaultSwitches } from "./switches.ts";

const strikes = (seed: string, disturb = false): boolean[] => {
  const faults = createFaultSwitches(seed);
  faults.set({ drop: { probability: 0.3 }, duplicate: { probability: 0.5 } });
  return Array.from({ length: 200 }, () => {
    if (disturb) faults.strike("duplicate", "logs");
    return faults.strike("drop", "logs") !== null;
  });
};

describe("fault switches", () => {
  it("strike alike for the same seed, whatever other faults do", () => {
    const one = strikes("one");
    expect(one.filter(Boolean).length).toBeGreaterThan(30);
    expect(one.filter(Boolean).length).toBeLessThan(90);
    expect(strikes("one", true)).toEqual(one);
    expect(strikes("two")).not.toEqual(one);
  });

  it("strike so many times, and only what they are about", () => {
    const faults = createFaultSwitches("seed");
    faults.set({ noAnswer: { next: 2, methods: ["getSlot", "getBlock"] } });
    const asked = ["getSlot", "getHealth", "getBlock", "getSlot"];
    expect(asked.map((method) => faults.strike("noAnswer", method) !== null)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(faults.state()).toEqual({ active: {}, fired: { noAnswer: 2 } });
  });

  it("leave alone what a patch does not name, and tell what was switched", () => {
    const faults = createFaultSwitches("seed");
    const told: FaultName[] = [];
    const stop = faults.onSwitch((name) => told.push(name));
    faults.set({ lag: { slots: 5 }, drop: {} });
    faults.set({ lag: null });
    expect(faults.state().active).toEqual({ drop: {} });
    faults.clear();
    expect(faults.state().active).toEqual({});
    stop();
    faults.set({ drop: {} });
    expect(told).toEqual(["drop", "lag", "lag", "drop"]);
  });

  it("refuse settings that mean nothing, and then change nothing", () => {
    const faults = createFaultSwitches("seed");
    const listener = vi.fn<(name: FaultName) => void>();
    faults.onSwitch(listener);
    expect(() => faults.set({ drop: {}, lag: { slots: 0 } })).toThrow("slots");
    expect(faults.state().active).toEqual({});
    expect(listener).not.toHaveBeenCalled();
  });
});
