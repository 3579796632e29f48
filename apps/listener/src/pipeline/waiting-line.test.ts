import { describe, expect, it } from "vitest";
import { inOrder } from "./in-order.ts";
import { createSeenWindow } from "./seen-window.ts";
import { createWaitingLine } from "./waiting-line.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("waiting line", () => {
  it("hands items out in order, and waits for those that are not there yet", async () => {
    const line = createWaitingLine<number>({ capacity: 4 });
    line.push(1);
    line.push(2);
    expect([await line.take(), await line.take()]).toEqual([1, 2]);
    const third = line.take();
    line.push(3);
    expect(await third).toBe(3);
  });

  it("keeps its order over many items", async () => {
    const line = createWaitingLine<number>({ capacity: 4 });
    const taken: (number | null)[] = [];
    for (let n = 0; n < 10_000; n += 1) {
      line.push(n);
      if (n % 3 === 0) taken.push(await line.take());
    }
    while (line.size > 0) taken.push(await line.take());
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  });

  it("tells when it is full, and when it is half empty again, once each", async () => {
    const told: boolean[] = [];
    const line = createWaitingLine<number>({ capacity: 4, onFull: (full) => told.push(full) });
    for (let n = 0; n < 6; n += 1) line.push(n);
    expect(told).toEqual([true]);
    for (let n = 0; n < 3; n += 1) await line.take();
    expect(told).toEqual([true]);
    await line.take();
    expect(told).toEqual([true, false]);
  });

  it("lets those who ask for room wait until there is some, or they are not interested any more", async () => {
    const line = createWaitingLine<number>({ capacity: 2 });
    await line.room();
    line.push(1);
    line.push(2);
    const abort = new AbortController();
    const done: string[] = [];
    void line.room().then(() => done.push("room"));
    void line.room(abort.signal).then(() => done.push("aborted"));
    await turn();
    expect(done).toEqual([]);
    abort.abort();
    await turn();
    expect(done).toEqual(["aborted"]);
    await line.take();
    await turn();
    expect(done).toEqual(["aborted", "room"]);
  });

  it("gives out what it holds after it was closed, then null", async () => {
    const line = createWaitingLine<number>({ capacity: 2 });
    line.push(1);
    line.close();
    expect([await line.take(), await line.take()]).toEqual([1, null]);
    const waiting = createWaitingLine<number>({ capacity: 2 });
    const taken = waiting.take();
    waiting.close();
    expect(await taken).toBeNull();
  });
});

describe("work in order", () => {
  it("works on several at a time, never more than the window, and consumes in order", async () => {
    const line = createWaitingLine<number>({ capacity: 100 });
    for (let n = 0; n < 50; n += 1) line.push(n);
    line.close();
    let inside = 0;
    let most = 0;
    const consumed: number[] = [];
    await inOrder({
      take: () => line.take(),
      window: 8,
      async work(n) {
        inside += 1;
        most = Math.max(most, inside);
        for (let turns = (n * 7) % 5; turns >= 0; turns -= 1) await turn();
        return n;
      },
      async consume(n) {
        await turn();
        inside -= 1;
        consumed.push(n);
      },
    });
    expect(consumed).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(most).toBe(8);
  });

  it("passes null results on like any other", async () => {
    const line = createWaitingLine<number>({ capacity: 10 });
    for (const n of [1, 2, 3]) line.push(n);
    line.close();
    const consumed: (number | null)[] = [];
    await inOrder({
      take: () => line.take(),
      window: 2,
      work: (n) => Promise.resolve(n === 2 ? null : n),
      consume: (n) => Promise.resolve(void consumed.push(n)),
    });
    expect(consumed).toEqual([1, null, 3]);
  });
});

describe("seen window", () => {
  it("knows the newest signatures, and only so many", () => {
    const seen = createSeenWindow(3);
    expect(["a", "b", "a", "c", "d"].map((signature) => seen.add(signature))).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(["b", "a"].map((signature) => seen.add(signature))).toEqual([false, true]);
  });

  it("takes a forgotten one for new", () => {
    const seen = createSeenWindow(3);
    seen.add("a");
    seen.forget("a");
    expect(seen.add("a")).toBe(true);
  });
});
