import { describe, expect, it } from "vitest";
import { fakeConnection } from "../testing/fake-connection.ts";
import type { Connection } from "../connections/connection.ts";
import { createFrameScheduler } from "./frame-scheduler.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Each frame takes as long as its text says, in milliseconds. */
function createWorld() {
  let time = 0;
  const handled: string[] = [];
  const scheduler = createFrameScheduler(
    ({ id }, { text }) => {
      handled.push(`${id}:${text}`);
      time += Number(text);
    },
    () => time,
  );
  const take = (connection: Connection, ...texts: readonly string[]): void => {
    for (const text of texts) scheduler.schedule(connection, { text, isLimited: false });
  };
  return { scheduler, handled, take };
}

describe("frames of clients", () => {
  it("are handled at once while the turn has time for it", () => {
    const { take, handled } = createWorld();
    const [a, b] = [fakeConnection("a"), fakeConnection("b")];
    take(a, "1", "1");
    take(b, "1");
    expect(handled).toEqual(["a:1", "a:1", "b:1"]);
  });

  it("wait for a later iteration when no time is left, each connection's in order, one of each in turn", async () => {
    const { take, handled } = createWorld();
    const [a, b, c] = [fakeConnection("a"), fakeConnection("b"), fakeConnection("c")];
    take(a, "9", "1", "2", "3");
    take(b, "1");
    expect(handled).toEqual(["a:9"]);
    await nextTurn();
    expect(handled).toEqual(["a:9", "a:1", "b:1", "a:2", "a:3"]);
    take(a, "8", "5");
    take(c, "7");
    await nextTurn();
    expect(handled.slice(5)).toEqual(["a:8"]);
    await nextTurn();
    await nextTurn();
    expect(handled.slice(5)).toEqual(["a:8", "c:7", "a:5"]);
  });

  it("do not wait in any number: beyond it they are handled, in order", () => {
    const { take, handled } = createWorld();
    const a = fakeConnection("a");
    take(a, "9", ...Array.from({ length: 64 }, (_, n) => `0.${n + 1}`));
    expect(handled).toEqual(["a:9"]);
    take(a, "7");
    expect(handled).toHaveLength(66);
    expect(handled.at(-1)).toBe("a:7");
    expect(handled.slice(1, 4)).toEqual(["a:0.1", "a:0.2", "a:0.3"]);
  });

  it("of a connection that is gone are not handled", async () => {
    const { take, handled, scheduler } = createWorld();
    const [a, b] = [fakeConnection("a"), fakeConnection("b")];
    take(a, "9", "1");
    take(b, "2");
    scheduler.forget(a);
    await nextTurn();
    expect(handled).toEqual(["a:9", "b:2"]);
  });
});
