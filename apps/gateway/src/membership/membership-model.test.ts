import { silentLogger } from "@commcoin/service/telemetry";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connection } from "../connections/connection.ts";
import { createConnections } from "../connections/connections.ts";
import { createControlledBroker } from "../testing/controlled-broker.ts";
import { fakeConnection } from "../testing/fake-connection.ts";
import { createFakeTransport, type FakeSocket } from "../testing/fake-transport.ts";
import { createHistoryReads } from "../topics/history-reads.ts";
import { ConcurrencyLimiter } from "../topics/concurrency-limiter.ts";
import { createTopicFeeds } from "../topics/topic-feeds.ts";
import { createMemberships } from "./memberships.ts";

const TOPIC = "market_data";
const CONNECTIONS = 3;

const who = fc.nat(CONNECTIONS - 1);
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("publish" as const), lost: fc.boolean() }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("answer" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("join" as const), who, back: fc.option(fc.nat(12)) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("last" as const), who, n: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("clog" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("drain" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("trim" as const), keep: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

interface Place {
  readonly epoch: string;
  readonly offset: number;
}

interface Read {
  readonly type: string;
  readonly offset?: number;
  readonly data: { epoch: string; offset: number; recovered: boolean; replayed: number };
  readonly since?: { epoch: string; offset: number };
  readonly last?: number;
}

const same = (a: Place | null, b: Place | null | undefined): boolean =>
  a !== null && a.epoch === b?.epoch && a.offset === b.offset;

/** Checks what one client saw, and returns where it stands; null when it is not in the topic. */
function follow(frames: readonly string[]): Place | null {
  let at = null as Place | null;
  for (const text of frames) {
    const { type, offset, data, since, last } = JSON.parse(text) as Read;
    if (type === "subscribed") {
      const from = { epoch: data.epoch, offset: data.offset - data.replayed };
      if (data.recovered && !same(from, since)) throw new Error(`resumed from elsewhere than asked: ${text}`);
      // Asking again without a past changes nothing for one that is in the topic, unless the answer names a new epoch.
      if (at?.epoch !== data.epoch || since !== undefined || last !== undefined) at = from;
    } else if (type === "reset") {
      at = { epoch: data.epoch, offset: data.offset };
    } else if (type === "unsubscribed") {
      // What was published in the same iteration before the client left belongs to it.
      if ("offset" in data && !same(at, data)) throw new Error(`left before it had everything: ${text}`);
      at = null;
    } else {
      const next = { epoch: data.epoch, offset: offset ?? 0 };
      if (at === null || !same(next, { epoch: at.epoch, offset: at.offset + 1 })) {
        throw new Error(`at ${JSON.stringify(at)} came ${text}`);
      }
      at = next;
    }
  }
  return at;
}

class World {
  readonly source = createControlledBroker();
  readonly transport = createFakeTransport();
  clock = 0;
  readonly feeds = createTopicFeeds({
    broker: this.source.broker,
    reads: createHistoryReads(this.source.broker, 8),
    startLimiter: new ConcurrencyLimiter(32),
    fanout: this.transport,
    observer: { delivered() {}, conflated() {}, gapFilled() {}, reset() {} },
    log: silentLogger,
    now: () => this.clock,
    signal: new AbortController().signal,
  });
  readonly connections = createConnections({ serverId: "s", onChange() {} });
  readonly memberships = createMemberships({
    feeds: this.feeds,
    connections: this.connections,
    onRecovery() {},
    accounts: { admit: () => null },
    now: () => this.clock,
    pause: () => new Promise((resolve) => this.pauses.push(resolve)),
  });
  /** Of clients that are ahead of the topic. */
  pauses: (() => void)[] = [];
  readonly clients: (Connection & { socket: FakeSocket })[] = [];
  readonly seen: string[][] = [];
  failedJoins = 0;

  constructor() {
    for (let index = 0; index < CONNECTIONS; index += 1) this.connect(index);
  }

  connect(index: number): void {
    const connection = fakeConnection(`c${index}`, null, this.transport.createSocket());
    this.clients[index] = connection;
    this.connections.add(connection);
  }

  client(index: number): Connection & { socket: FakeSocket } {
    const client = this.clients[index];
    if (client === undefined) throw new Error("no such client");
    return client;
  }

  join(index: number, replay: { since?: { epoch: string; offset: number }; last?: number }): void {
    const connection = this.client(index);
    const request = { topic: TOPIC, implicit: false, ...replay };
    void this.memberships
      .join(connection, [request], ([result]) => {
        connection.socket.send(JSON.stringify({ type: "subscribed", data: result?.state, ...replay }));
      })
      .catch(() => {
        this.failedJoins += 1;
      });
  }

  act(step: Action): void {
    switch (step.do) {
      case "publish":
        this.source.publish(TOPIC, { lost: step.lost });
        break;
      case "answer":
        this.source.answerOne();
        break;
      case "fail":
        // Only what a client waits for fails: a feed that cannot read would wait in real time.
        if (this.feeds.find(TOPIC)?.live !== true) this.source.answerOne({ fail: true });
        break;
      case "join": {
        const { epoch, offset } = this.source.position(TOPIC);
        const since =
          step.back === null ? {} : { since: { epoch, offset: Math.max(0, offset - step.back + 2) } };
        this.join(step.who, since);
        break;
      }
      case "last":
        this.join(step.who, { last: step.n });
        break;
      case "leave": {
        const connection = this.client(step.who);
        const membership = connection.memberships.get(TOPIC);
        if (membership === undefined) break;
        const { state, feed } = membership;
        const data = state === "joined" ? { epoch: feed.epoch, offset: feed.offset } : {};
        this.memberships.leave(connection, membership, () =>
          connection.socket.send(JSON.stringify({ type: "unsubscribed", data })),
        );
        break;
      }
      case "close":
        this.close(step.who);
        this.connect(step.who);
        break;
      case "turn":
        this.endPauses();
        this.transport.endTurn();
        break;
      case "clog":
        this.client(step.who).socket.waiting = 1_000_000;
        break;
      case "drain":
        this.client(step.who).socket.waiting = 0;
        this.memberships.resume(this.client(step.who));
        break;
      case "trim":
        this.source.trim(TOPIC, step.keep);
        break;
      case "forget":
        this.source.forget(TOPIC);
        break;
      case "sweep":
        this.clock += 700;
        this.feeds.sweep();
        break;
    }
  }

  endPauses(): boolean {
    const ended = this.pauses;
    this.pauses = [];
    for (const end of ended) end();
    return ended.length > 0;
  }

  close(index: number): void {
    const connection = this.client(index);
    connection.socket.end(1000, "");
    connection.closed = true;
    this.memberships.leaveAll(connection);
    this.connections.remove(connection);
    this.seen.push(connection.socket.frames);
  }

  /** Answers everything and lets all replays finish. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      const isBusy = this.source.answerOne() || this.endPauses();
      idle = isBusy ? 0 : idle + 1;
      await new Promise(setImmediate);
      for (const [index] of this.clients.entries()) this.act({ do: "drain", who: index });
    }
    this.transport.endTurn();
  }
}

describe("memberships", () => {
  it("show every subscriber exactly the contiguous run from its position, whatever comes in between", async () => {
    const patterns = {
      replayed: /"replayed":[1-9]/,
      reset: /"reset"/,
      trimmed: /"trimmed"/,
      live: /UserActivity/,
    };
    const found: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 120 }), async (steps) => {
        const world = new World();
        for (const step of steps) {
          world.act(step);
          // Promises that the step resolved go on before the next one, mostly; not all chains are through by then.
          await Promise.resolve();
          await Promise.resolve();
        }
        await world.settle();
        // The position check notices a lost frame that nothing came after.
        await Promise.all([world.feeds.find(TOPIC)?.catchUp(), world.settle()]);
        await world.settle();
        const top = world.source.position(TOPIC);
        for (const connection of world.clients) {
          const at = follow(connection.socket.frames);
          const membership = connection.memberships.get(TOPIC);
          expect(membership?.state ?? "none").toBe(at === null ? "none" : "joined");
          expect(at ?? top).toEqual(top);
        }
        for (const frames of world.seen) follow(frames);
        const mayFail = steps.some((step) => step.do === "fail");
        expect(mayFail ? 0 : world.failedJoins).toBe(0);
        const all = [...world.seen, ...world.clients.map(({ socket }) => socket.frames)].flat();
        for (const [name, pattern] of Object.entries(patterns)) {
          found[name] = (found[name] ?? 0) + all.filter((text) => pattern.test(text)).length;
        }
        // Nothing is left behind when everybody is gone.
        for (const [index] of world.clients.entries()) world.close(index);
        const feed = world.feeds.find(TOPIC);
        expect([feed?.members ?? 0, feed?.subscribers ?? 0]).toEqual([0, 0]);
        expect(world.connections.stats()).toMatchObject({ total_connections: 0, subscriptions: 0 });
        world.clock += 10_000;
        world.feeds.sweep();
        expect(world.feeds.size).toBe(0);
      }),
      { numRuns: 500 },
    );
    // The runs came by everything that is to be tested.
    for (const name of Object.keys(patterns))
      expect([name, found[name] ?? 0]).toEqual([name, expect.toSatisfy((n) => n > 10)]);
  });
});
