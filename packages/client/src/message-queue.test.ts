import { expect, it } from "vitest";
import { createMessageQueue } from "./message-queue.ts";

async function collect<Message>(messages: AsyncIterable<Message>): Promise<readonly Message[]> {
  const all: Message[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

it("hands out what waits and what comes, in order, and ends", async () => {
  let isLeft = false;
  const queue = createMessageQueue<number>(3, () => {
    isLeft = true;
  });
  queue.push(1);
  queue.push(2);
  const all: number[] = [];
  for await (const message of queue.loop) {
    all.push(message);
    if (message === 2) queueMicrotask(() => queue.push(3));
    if (message === 3) queue.end();
  }
  expect(all).toEqual([1, 2, 3]);
  expect(isLeft).toBe(true);
});

it("takes no more than its limit, and throws after what it took", async () => {
  const queue = createMessageQueue<number>(2, () => undefined);
  expect([1, 2, 3].map((number) => queue.push(number))).toEqual([true, true, false]);
  queue.end(new Error("full"), true);
  const { loop } = queue;
  expect((await loop.next()).value).toBe(1);
  expect((await loop.next()).value).toBe(2);
  await expect(loop.next()).rejects.toThrow("full");
  expect((await loop.next()).done).toBe(true);
});

it("drops what waits when it ends without an error", async () => {
  const queue = createMessageQueue<number>(2, () => undefined);
  queue.push(1);
  queue.end();
  expect(await collect(queue.loop)).toEqual([]);
});

it("wakes a loop that waits", async () => {
  const queue = createMessageQueue<number>(2, () => undefined);
  const next = queue.loop.next();
  queue.end(new Error("gone"));
  await expect(next).rejects.toThrow("gone");
});
