import { describe, expect, it } from "vitest";
import { BusyError, ConcurrencyLimiter } from "./concurrency-limiter.ts";

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function arrange(atOnce: number, maxWaiting?: number) {
  const limiter = new ConcurrencyLimiter(atOnce, maxWaiting);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string, urgent = false): Promise<string> =>
    limiter.run(
      () => {
        started.push(name);
        return new Promise((resolve) => ends.set(name, () => resolve(name)));
      },
      { urgent },
    );
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await turnOfTheLoop();
    await turnOfTheLoop();
  };
  return { limiter, started, ask, end };
}

describe("concurrency limiter", () => {
  it("run so many at a time, in the order asked, urgent ones first", async () => {
    const { limiter, started, ask, end } = arrange(2);
    for (const name of ["a", "b", "c", "d"]) void ask(name);
    void ask("e", true);
    expect(started).toEqual(["a", "b"]);
    expect(limiter.waiting).toBe(3);
    await end("b");
    expect(started).toEqual(["a", "b", "e"]);
    await end("a");
    await end("e");
    expect(started).toEqual(["a", "b", "e", "c", "d"]);
    await end("c");
    await end("d");
    expect(limiter.running).toBe(0);
    void ask("f");
    expect(started.at(-1)).toBe("f");
  });

  it("refuse what is more than may wait, but not what is urgent", async () => {
    const { started, ask, end } = arrange(1, 1);
    void ask("a");
    void ask("b");
    await expect(ask("c")).rejects.toThrow(BusyError);
    void ask("d", true);
    await end("a");
    await end("d");
    expect(started).toEqual(["a", "d", "b"]);
  });

  it("go on after work that failed", async () => {
    const { limiter, ask, end } = arrange(1);
    await expect(limiter.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    const next = ask("a");
    await turnOfTheLoop();
    await end("a");
    expect(await next).toBe("a");
  });

  it("leave the event loop to others between pieces of work that take no time", async () => {
    const limiter = new ConcurrencyLimiter(1);
    let done = 0;
    const all = Promise.all(Array.from({ length: 10 }, () => limiter.run(async () => void (done += 1))));
    await turnOfTheLoop();
    expect(done).toBeLessThan(4);
    await all;
    expect(done).toBe(10);
  });
});
