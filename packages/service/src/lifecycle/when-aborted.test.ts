import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { sleep } from "./sleep.ts";
import { untilAborted, whenAborted, withDeadline } from "./when-aborted.ts";

const HOUR_MS = 3_600_000;
const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("whenAborted", () => {
  it("calls back once, and at once when the signal had aborted before", () => {
    const controller = new AbortController();
    let calls = 0;
    const count = (): void => void (calls += 1);
    whenAborted(controller.signal, count);
    expect(calls).toBe(0);
    controller.abort();
    controller.abort();
    expect(calls).toBe(1);
    whenAborted(controller.signal, count)();
    expect(calls).toBe(2);
  });

  it("leaves no listener behind, and takes away only its own", () => {
    const controller = new AbortController();
    const calls: string[] = [];
    const same = (): void => void calls.push("same");
    const leave = whenAborted(controller.signal, same);
    whenAborted(controller.signal, same);
    leave();
    leave();
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort();
    expect(calls).toEqual(["same"]);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it("needs no signal", () => {
    expect(() => whenAborted(undefined, () => expect.unreachable())()).not.toThrow();
  });
});

describe("a long-lived signal", () => {
  it("has no listeners left after a thousand waits that ended", async () => {
    const { signal } = new AbortController();
    for (let turn = 0; turn < 1_000; turn += 1) {
      whenAborted(signal, () => expect.unreachable())();
      await withDeadline(HOUR_MS, signal, () => Promise.resolve());
      await withDeadline(HOUR_MS, signal, () => Promise.reject(new Error("failed"))).catch(() => {});
    }
    await sleep(0, signal);
    expect(listenersOf(signal)).toBe(0);
  });

  it("ends whoever waits for it", async () => {
    const controller = new AbortController();
    const all = Promise.all([
      untilAborted(controller.signal),
      sleep(HOUR_MS, controller.signal),
      withDeadline(HOUR_MS, controller.signal, untilAborted),
    ]);
    controller.abort();
    await all;
    await untilAborted(controller.signal);
    expect(listenersOf(controller.signal)).toBe(0);
  });
});

describe("withDeadline", () => {
  const reasonOf = async (ms: number, signal?: AbortSignal, timeUp?: () => Error): Promise<unknown> =>
    withDeadline(
      ms,
      signal,
      async (inTime) => {
        await untilAborted(inTime);
        return inTime.reason as unknown;
      },
      timeUp,
    );

  it("aborts by itself when time is up, with the reason that is asked for", async () => {
    expect(await reasonOf(1)).toMatchObject({ name: "TimeoutError" });
    const late = new Error("late");
    expect(await reasonOf(1, new AbortController().signal, () => late)).toBe(late);
  });

  it("passes on why the signal aborted, also when it had before", async () => {
    const controller = new AbortController();
    const reason = reasonOf(HOUR_MS, controller.signal);
    controller.abort("stopped");
    expect(await reason).toBe("stopped");
    expect(await reasonOf(HOUR_MS, controller.signal)).toBe("stopped");
  });
});
