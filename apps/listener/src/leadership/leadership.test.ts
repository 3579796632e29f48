import { BrokerUnavailableError, createMemoryBroker, type Leases } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAbortScope } from "../support/abort-scope.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import { createLeadership, type Term } from "./leadership.ts";

const TTL_MS = 3_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Listeners on one clock, with leases that can fail. */
function setUp() {
  const clock = { now: () => Date.now(), monotonic: () => Date.now() };
  const broker = createMemoryBroker({ clock });
  const terms: string[] = [];
  const join = (holder: string) => {
    let failing: "never" | "rejects" | "hangs" = "never";
    const guard = async <Answer>(answer: () => Promise<Answer>): Promise<Answer> => {
      if (failing === "hangs") return new Promise(() => {});
      if (failing === "rejects") throw new BrokerUnavailableError("away");
      return answer();
    };
    const leases: Leases = {
      acquire: (...args) => guard(() => broker.leases.acquire(...args)),
      renew: (...args) => guard(() => broker.leases.renew(...args)),
      release: (...args) => guard(() => broker.leases.release(...args)),
    };
    let current: Term | null = null;
    const leadership = createLeadership({
      leases,
      name: "listener",
      holder,
      ttlMs: TTL_MS,
      throttledLog: createThrottledLog(silentLogger),
      clock,
      wait,
      async lead(term) {
        current = term;
        terms.push(`${holder} ${term.fence}`);
        await new Promise<void>((resolve) => {
          if (term.ended.aborted) resolve();
          term.ended.addEventListener("abort", () => resolve());
        });
        terms.push(`${holder} ends`);
      },
    });
    const stop = createAbortScope();
    const running = leadership.run(stop.signal);
    return {
      leadership,
      term: () => current,
      fail: (how: typeof failing) => {
        failing = how;
      },
      stop: async () => {
        stop.abort();
        await vi.advanceTimersByTimeAsync(0);
        await running;
      },
    };
  };
  return { join, terms, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

describe("running for the lease", () => {
  it("leads at once where nobody else does, and keeps leading", async () => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(10);
    const two = join("two");
    await pass(60_000);
    expect(terms).toEqual(["one 1"]);
    expect([one.leadership.role, two.leadership.role]).toEqual(["leader", "standby"]);
    await Promise.all([one.stop(), two.stop()]);
  });

  it("takes over soon after a clean stop", async () => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(10);
    const two = join("two");
    await pass(10);
    await one.stop();
    await pass(TTL_MS / 6);
    expect(terms).toEqual(["one 1", "one ends", "two 2"]);
    await two.stop();
  });

  it.each(["rejects", "hangs"] as const)("ends its term in time when the broker %s", async (how) => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(10);
    const two = join("two");
    await pass(2_000);
    one.fail(how);
    await pass(TTL_MS + TTL_MS / 6 + 10);
    expect(terms).toEqual(["one 1", "one ends", "two 2"]);
    one.fail("never");
    await pass(10_000);
    expect(one.leadership.role).toBe("standby");
    await Promise.all([one.stop(), two.stop()]);
  });

  it("survives one failed renewal", async () => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(500);
    one.fail("rejects");
    await pass(1_200);
    one.fail("never");
    await pass(10_000);
    expect(terms).toEqual(["one 1"]);
    await one.stop();
  });

  it("knows after a stall that its time is over before anything else runs", async () => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(10);
    expect(one.term()?.holds()).toBe(true);
    vi.setSystemTime(Date.now() + TTL_MS);
    expect(one.term()?.holds()).toBe(false);
    expect(one.term()?.ended.aborted).toBe(true);
    await pass(1_000);
    expect(terms).toEqual(["one 1", "one ends", "one 2"]);
    await one.stop();
  });

  it("ends its term when a newer holder was met", async () => {
    const { join, terms, pass } = setUp();
    const one = join("one");
    await pass(10);
    const first = one.term();
    first?.lost();
    expect(first?.holds()).toBe(false);
    await pass(TTL_MS);
    expect(terms.slice(0, 2)).toEqual(["one 1", "one ends"]);
    // What is said of an earlier term does not end a later one.
    const before = terms.length;
    first?.lost();
    await pass(10);
    expect(terms).toHaveLength(before);
    await one.stop();
  });
});
