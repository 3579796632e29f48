import { describe, expect, it } from "vitest";
import { createBackoff } from "./backoff.ts";
import { composeServices, type Service } from "./service.ts";
import { sleep } from "./sleep.ts";

describe("createBackoff", () => {
  const ceilings = (backoff: { next(): number }, count: number) =>
    Array.from({ length: count }, () => backoff.next());

  it("doubles its ceiling up to the maximum and starts anew after a reset", () => {
    const backoff = createBackoff({ minMs: 100, maxMs: 1_000, random: () => 0.999_999 });
    const rounded = ceilings(backoff, 6).map((ms) => Math.round(ms));
    expect(rounded).toEqual([200, 300, 500, 900, 1_000, 1_000]);
    backoff.reset();
    expect(Math.round(backoff.next())).toBe(200);
  });

  it("never waits less than the minimum nor more than the maximum", () => {
    for (const random of [() => 0, Math.random, () => 0.999_999]) {
      const backoff = createBackoff({ minMs: 100, maxMs: 10_000, random });
      for (const ms of ceilings(backoff, 100)) {
        expect(ms).toBeGreaterThanOrEqual(100);
        expect(ms).toBeLessThanOrEqual(10_000);
      }
    }
  });
});

describe("sleep", () => {
  it("ends at once when the signal aborts, also when it had aborted before", async () => {
    const HOUR_MS = 3_600_000;
    const controller = new AbortController();
    const waiting = sleep(HOUR_MS, controller.signal);
    controller.abort();
    await waiting;
    await sleep(HOUR_MS, controller.signal);
    expect(controller.signal.aborted).toBe(true);
  });
});

describe("composeServices", () => {
  const recording = (name: string, log: string[], failing = false): Service => ({
    start: () => {
      log.push(`start ${name}`);
      return failing ? Promise.reject(new Error(`${name} cannot start`)) : Promise.resolve();
    },
    stop: () => {
      log.push(`stop ${name}`);
      return Promise.resolve();
    },
  });

  it("starts in order and stops in reverse, once", async () => {
    const log: string[] = [];
    const all = composeServices([recording("a", log), recording("b", log)]);
    await all.start();
    await all.stop();
    await all.stop();
    expect(log).toEqual(["start a", "start b", "stop b", "stop a"]);
  });

  it("leaves nothing running when one cannot start", async () => {
    const log: string[] = [];
    const all = composeServices([recording("a", log), recording("b", log, true), recording("c", log)]);
    await expect(all.start()).rejects.toThrow("b cannot start");
    expect(log).toEqual(["start a", "start b", "stop a"]);
  });
});
