import { describe, expect, it } from "vitest";
import { retry } from "./retry.ts";

const AT_ONCE = { minMs: 0, maxMs: 0 };

/** What fails so often, and what is told of it. */
function failing(times: number) {
  const told: (readonly [object, string])[] = [];
  const stop = new AbortController();
  let asked = 0;
  return {
    told,
    stop,
    ask: (): Promise<number> => {
      asked += 1;
      return asked <= times ? Promise.reject(new Error(`no. ${asked}`)) : Promise.resolve(asked);
    },
    options: {
      throttledLog: { warn: (fields: object, text: string) => void told.push([fields, text]) },
      signal: stop.signal,
      backoff: AT_ONCE,
    },
  };
}

describe("retrying", () => {
  it("asks until there is an answer, and tells of each failure", async () => {
    const { ask, options, told } = failing(2);
    expect(await retry("it failed", ask, { ...options, fields: { of: "it" } })).toBe(3);
    expect(told).toEqual([
      [{ of: "it", retry_in_ms: 0, error: "no. 1" }, "it failed"],
      [{ of: "it", retry_in_ms: 0, error: "no. 2" }, "it failed"],
    ]);
  });

  it("ends without an answer, and without a word, when it is aborted meanwhile", async () => {
    const { ask, options, told, stop } = failing(Infinity);
    const ends = (): Promise<number> => {
      stop.abort();
      return ask();
    };
    expect(await retry("it failed", ends, options)).toBeNull();
    expect(told).toEqual([]);
    expect(await retry("it failed", () => Promise.resolve(1), options)).toBeNull();
  });

  it("ends when it is aborted while it waits", async () => {
    const { ask, options, told, stop } = failing(Infinity);
    const waiting = retry("it failed", ask, { ...options, backoff: { minMs: 3_600_000, maxMs: 3_600_000 } });
    await expect.poll(() => told.length).toBe(1);
    stop.abort();
    expect(await waiting).toBeNull();
  });
});
