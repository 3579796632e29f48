import { describe, expect, it } from "vitest";
import { sleepOrBack } from "./sleep-or-back.ts";

const LONG_MS = 3_600_000;

function setUp() {
  const listeners = new Set<(problem: string | null) => void>();
  return {
    listeners,
    broker: {
      watch(listener: (problem: string | null) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    tell: (problem: string | null) => {
      for (const listener of listeners) listener(problem);
    },
  };
}

describe("sleepOrBack", () => {
  const { signal } = new AbortController();

  it("ends as soon as the broker is back, not when it goes away, and leaves nothing behind", async () => {
    const { broker, listeners, tell } = setUp();
    let over = false;
    const sleeping = sleepOrBack(broker, LONG_MS, signal).then(() => {
      over = true;
    });
    tell("It is away.");
    await new Promise(setImmediate);
    expect(over).toBe(false);
    tell(null);
    await sleeping;
    expect(listeners.size).toBe(0);
  });

  it("ends when its time is over", async () => {
    const { broker, listeners } = setUp();
    await sleepOrBack(broker, 1, signal);
    expect(listeners.size).toBe(0);
  });

  it.each(["before", "meanwhile"])("ends when the signal aborts %s", async (when) => {
    const { broker, listeners } = setUp();
    const stop = new AbortController();
    if (when === "before") stop.abort();
    const sleeping = sleepOrBack(broker, LONG_MS, stop.signal);
    stop.abort();
    await sleeping;
    expect(listeners.size).toBe(0);
  });
});
