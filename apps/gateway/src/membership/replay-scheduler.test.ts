import { describe, expect, it } from "vitest";
import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";
import { fakeConnection } from "../testing/fake-connection.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";
import { changeMembership } from "./change-membership.ts";
import { mayAskForPast, REPLAY_RATE } from "./replay-budget.ts";
import { ReplayScheduler } from "./replay-scheduler.ts";

const FRAME_BYTES = 16_384;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A topic of which the newest frames are in memory, and older ones can be read. */
function createFeed(count: number, { inMemory = count, kept = count } = {}) {
  const frame = (offset: number): Uint8Array => Buffer.from(String(offset).padEnd(FRAME_BYTES));
  const feed = {
    topic: "market_data",
    epoch: "e",
    offset: count,
    generation: 0,
    subscribers: 0,
    addSubscriber: () => void (feed.subscribers += 1),
    removeSubscriber: () => void (feed.subscribers -= 1),
    reads: [] as number[],
    frameAt: (offset: number) => (offset > count - inMemory ? frame(offset) : undefined),
    readAfter(offset: number) {
      feed.reads.push(offset);
      return Promise.resolve(offset < count - kept ? [] : [frame(offset + 1), frame(offset + 2)]);
    },
  };
  return feed;
}

function createWorld() {
  const world = { time: 0 };
  const replays = new ReplayScheduler(() => world.time);
  const replay = (connection: Connection, membership: Membership, from: number): void => {
    changeMembership(connection, membership, "replay", from);
    replays.resume(connection);
  };
  const begin = (connection: Connection, feed: object, from = 1): Membership => {
    const membership: Membership = {
      feed: feed as TopicFeed,
      implicit: false,
      state: "waiting",
      conflated: null,
      next: 0,
      generation: 0,
      page: null,
    };
    connection.memberships.add(membership);
    replay(connection, membership, from);
    return membership;
  };
  const turnsUntil = async (isOver: () => boolean): Promise<number> => {
    for (let turns = 0; ; turns += 1) {
      if (isOver()) return turns;
      if (turns > 1_000) throw new Error("it does not end");
      await nextTurn();
    }
  };
  return { world, replays, replay, begin, turnsUntil };
}

const offsetsOf = ({ frames }: { readonly frames: readonly string[] }): readonly number[] =>
  frames.map((text) => Number(text.slice(0, 20)));
const countTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

describe("replays", () => {
  it("that are short are over at once", () => {
    const { begin } = createWorld();
    const connection = fakeConnection("a");
    expect(begin(connection, createFeed(4)).state).toBe("joined");
    expect(offsetsOf(connection.socket)).toEqual([1, 2, 3, 4]);
  });

  it("of many connections take turns: half a mebibyte in an iteration of the event loop, each its part", async () => {
    const { begin, turnsUntil } = createWorld();
    const connections = countTo(40).map((n) => fakeConnection(`c${n}`));
    const feed = createFeed(50);
    for (const connection of connections) begin(connection, feed);
    let seen = connections.reduce((sum, { socket }) => sum + socket.frames.length, 0);
    expect(seen * FRAME_BYTES).toBeLessThanOrEqual(524_288);
    await turnsUntil(() => {
      const counts = connections.map(({ socket }) => socket.frames.length);
      const sum = counts.reduce((all, count) => all + count, 0);
      expect((sum - seen) * FRAME_BYTES).toBeLessThanOrEqual(524_288 + 65_536);
      // Nobody is further than two slices ahead of anybody.
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(8);
      seen = sum;
      return feed.subscribers === connections.length;
    });
    for (const { socket } of connections) expect(offsetsOf(socket)).toEqual(countTo(50));
  });

  it("wait for a full socket, and nobody waits for them", async () => {
    const { begin, turnsUntil, replays } = createWorld();
    const [slow, fast] = [fakeConnection("slow"), fakeConnection("fast")];
    slow.socket.waiting = 100_000;
    const feed = createFeed(100);
    begin(slow, feed);
    const membership = begin(fast, feed);
    await turnsUntil(() => membership.state === "joined");
    expect(slow.socket.frames).toEqual([]);
    slow.socket.waiting = 0;
    replays.resume(slow);
    await turnsUntil(() => feed.subscribers === 2);
    expect(offsetsOf(slow.socket)).toEqual(countTo(100));
  });

  it("read what is not in memory piece by piece, for one client", async () => {
    const { begin, turnsUntil } = createWorld();
    const connection = fakeConnection("a");
    const feed = createFeed(9, { inMemory: 4 });
    const membership = begin(connection, feed);
    await turnsUntil(() => membership.state === "joined");
    expect(feed.reads).toEqual([0, 2, 4]);
    expect(offsetsOf(connection.socket)).toEqual(countTo(9));
    expect(membership.page).toBeNull();
  });

  it("that start anew while a piece is read go on from where they were told to", async () => {
    const { begin, turnsUntil, replay } = createWorld();
    const connection = fakeConnection("a");
    const membership = begin(connection, createFeed(9, { inMemory: 4 }));
    replay(connection, membership, 4);
    await turnsUntil(() => membership.state === "joined");
    expect(offsetsOf(connection.socket)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it("end with a reset where what comes next is gone", async () => {
    const { begin, turnsUntil } = createWorld();
    const connection = fakeConnection("a");
    const membership = begin(connection, createFeed(9, { inMemory: 2, kept: 4 }));
    await turnsUntil(() => membership.state === "joined");
    expect(connection.socket.frames.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { type: "reset", data: { offset: 9, reason: "trimmed" } },
    ]);
  });

  it("of a connection that is gone end", async () => {
    const { begin } = createWorld();
    const connection = fakeConnection("a");
    const membership = begin(connection, createFeed(100));
    const seen = connection.socket.frames.length;
    connection.closed = true;
    changeMembership(connection, membership, "leave");
    await nextTurn();
    await nextTurn();
    expect(connection.socket.frames).toHaveLength(seen);
  });
});

describe("a connection may ask for the past", () => {
  it.each([
    ["at once", 100, 0],
    ["again after as long as it took from the others", 300, 300 * FRAME_BYTES],
    ["again after ten seconds, however long it was away", 5_000, 5_000 * FRAME_BYTES],
  ])("%s", async (_, count, bytes) => {
    const { begin, turnsUntil, world } = createWorld();
    const connection = fakeConnection("a");
    expect(mayAskForPast(connection, world.time)).toBe(true);
    const membership = begin(connection, createFeed(count));
    await turnsUntil(() => membership.state === "joined");
    const waitMs = Math.min(
      11_000,
      Math.max(0, ((bytes - REPLAY_RATE.burst) / REPLAY_RATE.perSecond) * 1_000),
    );
    expect(mayAskForPast(connection, world.time)).toBe(waitMs === 0);
    world.time += waitMs + 1;
    expect(mayAskForPast(connection, world.time)).toBe(true);
  });
});
