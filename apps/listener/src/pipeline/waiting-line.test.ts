import { describe, expect, it } from "vitest";
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
    await line.untilCapacity();
    line.push(1);
    line.push(2);
    const abort = new AbortController();
    const done: string[] = [];
    void line.untilCapacity().then(() => done.push("capacity"));
    void line.untilCapacity(abort.signal).then(() => done.push("aborted"));
    await turn();
    expect(done).toEqual([]);
    abort.abort();
    await turn();
    expect(done).toEqual(["aborted"]);
    await line.take();
    await turn();
    expect(done).toEqual(["aborted", "capacity"]);
  });

  it("lets nobody wait for room once it is closed: nothing makes room any more", async () => {
    const line = createWaitingLine<number>({ capacity: 1 });
    line.push(1);
    const asked = line.untilCapacity();
    line.close();
    await asked;
    await line.untilCapacity();
    expect(line.size).toBe(1);
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
