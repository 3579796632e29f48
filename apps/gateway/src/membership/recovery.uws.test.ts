import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { Frame, TestClient } from "../testing/test-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { testAddress } from "../testing/test-address.ts";

const TOKEN = `token:${testAddress(1)}`;

const TOPIC = "market_data";

interface State {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
}

const stateIn = ({ data }: Frame, topic = TOPIC): State => {
  const found = (data.subscriptions as State[]).find((state) => state.topic === topic);
  if (found === undefined) throw new Error(`${topic} is not listed`);
  return found;
};

const offsets = (frames: readonly Frame[], topic = TOPIC): (number | undefined)[] =>
  frames.filter((frame) => frame.topic === topic).map(({ offset }) => offset);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const readUntil = async (client: TestClient, last: number): Promise<void> => {
  await client.nextWhere(({ topic, offset }) => topic === TOPIC && offset === last);
};

/** Counts the reads, of which a storm must not need more than a few. */
function countReads(broker: Broker): { readonly broker: Broker; reads: () => number } {
  let reads = 0;
  return {
    broker: {
      ...broker,
      history: (topic, query) => {
        reads += 1;
        return broker.history(topic, query);
      },
    },
    reads: () => reads,
  };
}

describe("recovery", () => {
  it("resumes topics on connect: asked ones, the user's own and broadcast", async () => {
    const { open, client, publish } = await startTestGateway();
    // Stays, so that the user's coming is the only news of it.
    const witness = await client("user_id=me");
    await eventually(() => expect(witness.presence).toHaveLength(1));
    const first = await open(`user_id=me&subscriptions=${TOPIC}`);
    const greeting = await first.next();
    const since = ["broadcast", "user:me", TOPIC]
      .map((topic) => `${topic}@${stateIn(greeting, topic).epoch}:${stateIn(greeting, topic).offset}`)
      .join(",");
    await first.close();
    await publish(TOPIC, 3);
    await publish("broadcast", 2);
    await publish("user:me", 1);
    const second = await open(`user_id=me&subscriptions=${TOPIC}&since=${since},server:gone@e:5`);
    const listed = (await second.next()).data.subscriptions;
    expect(listed).toEqual([
      expect.objectContaining({ topic: "broadcast", offset: 2, recovered: true, replayed: 2 }),
      { topic: "server:server-1", epoch: expect.any(String), offset: 0 },
      expect.objectContaining({ topic: "user:me", offset: 2, recovered: true, replayed: 1 }),
      expect.objectContaining({ topic: TOPIC, offset: 3, recovered: true, replayed: 3 }),
    ]);
    const missed = await second.settled();
    expect(missed.map(({ topic, offset }) => `${topic}:${offset}`)).toEqual([
      "broadcast:1",
      "broadcast:2",
      "user:me:2",
      `${TOPIC}:1`,
      `${TOPIC}:2`,
      `${TOPIC}:3`,
    ]);
  });

  it("answers first, then replays, then goes on live", async () => {
    const { client, publish, broker } = await startTestGateway();
    await publish(TOPIC, 10);
    const [position] = await broker.positions([TOPIC]);
    const one = await client();
    one.send({
      type: "subscribe",
      id: 1,
      data: { topic: TOPIC, since: { epoch: position?.epoch, offset: 7 } },
    });
    expect(await one.next()).toMatchObject({
      type: "subscribed",
      id: 1,
      data: { offset: 10, recovered: true, replayed: 3 },
    });
    await publish(TOPIC, 2);
    expect(offsets(await one.settled())).toEqual([8, 9, 10, 11, 12]);
    const two = await client();
    two.send({ type: "subscribe", id: 2, data: { topic: TOPIC, last: 5 } });
    expect(await two.next()).toMatchObject({ data: { offset: 12, recovered: false, replayed: 5 } });
    expect(offsets(await two.settled())).toEqual([8, 9, 10, 11, 12]);
    two.send({
      type: "history",
      id: 3,
      data: { topic: TOPIC, since: { epoch: position?.epoch, offset: 4 }, limit: 3 },
    });
    const { data } = await two.next();
    expect(offsets(data.messages as Frame[])).toEqual([5, 6, 7]);
    two.send({ type: "history", id: 4, data: { topic: TOPIC, limit: 2 } });
    expect(offsets((await two.next()).data.messages as Frame[])).toEqual([11, 12]);
  });

  it("says why it cannot replay, and replays nothing then", async () => {
    const broker = createMemoryBroker({ retention: () => ({ maxMessages: 5, maxAgeMs: 60_000 }) });
    const { client, publish } = await startTestGateway({}, { broker });
    await publish(TOPIC, 20);
    const [position] = await broker.positions([TOPIC]);
    const one = await client();
    const ask = async (epoch: string | undefined, offset: number) => {
      one.send({ type: "subscribe", data: { topic: TOPIC, since: { epoch, offset } } });
      const { data } = await one.nextOfType("subscribed");
      return { ...data, messages: offsets(await one.settled()) };
    };
    const lost = { recovered: false, replayed: 0, messages: [] };
    expect(await ask("other", 3)).toMatchObject({ ...lost, reason: "epoch_changed" });
    expect(await ask(position?.epoch, 14)).toMatchObject({ ...lost, reason: "trimmed" });
    expect(await ask(position?.epoch, 20 + 4_097)).toMatchObject({ ...lost, reason: "epoch_changed" });
    expect(await ask(position?.epoch, 15)).toMatchObject({ recovered: true, messages: range(16, 20) });
  });

  it("shows no gap and no duplicate to clients that come, go and come back while messages flow", async () => {
    const { open, publish } = await startTestGateway();
    const TOTAL = 4_000;
    let done = false;
    const flow = (async () => {
      for (let sent = 0; sent < TOTAL; sent += 10) {
        await publish(TOPIC, 10);
        await new Promise(setImmediate);
      }
      done = true;
    })();
    const wander = async (): Promise<number[]> => {
      const seen: number[] = [];
      let position: { epoch: string; offset: number } | null = null;
      while (seen.at(-1) !== TOTAL) {
        const since: string = position === null ? "" : `&since=${TOPIC}@${position.epoch}:${position.offset}`;
        const client = await open(`subscriptions=${TOPIC}${since}`);
        const state = stateIn(await client.next());
        position ??= state;
        if (seen.length === 0 && state.offset >= TOTAL) return [];
        await (done ? readUntil(client, TOTAL) : client.next());
        // Frames that arrive while the socket closes count as well.
        await client.close();
        for (const offset of offsets(client.frames)) {
          seen.push(offset ?? 0);
          position = { epoch: position.epoch, offset: offset ?? 0 };
        }
      }
      return seen;
    };
    const walks = await Promise.all(Array.from({ length: 8 }, wander));
    await flow;
    const long = walks.filter((seen) => seen.length > 0);
    expect(long.length).toBeGreaterThan(0);
    for (const seen of long) expect(seen).toEqual(range(seen[0] ?? 0, TOTAL));
  });

  it("serves a storm of reconnects with one read of the broker", async () => {
    const counted = countReads(createMemoryBroker());
    const { open, publish } = await startTestGateway({}, { broker: counted.broker });
    await publish(TOPIC, 300);
    const [position] = await counted.broker.positions([TOPIC]);
    const back = async (index: number): Promise<void> => {
      const client = await open(
        `subscriptions=${TOPIC}&since=${TOPIC}@${position?.epoch}:${200 - (index % 50)}`,
      );
      expect(stateIn(await client.next())).toMatchObject({ recovered: true });
      await readUntil(client, 300);
      expect(offsets(client.frames)).toEqual(range(201 - (index % 50), 300));
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => back(index)));
    expect(counted.reads()).toBeLessThanOrEqual(2);
  });

  it("replays more than what may wait for a slow client, without taking it for one", async () => {
    const broker = createMemoryBroker({ retention: () => ({ maxMessages: 20_000, maxAgeMs: 60_000 }) });
    const { client } = await startTestGateway({ WEBSOCKET_MAX_BACKPRESSURE_BYTES: "262144" }, { broker });
    const data = { user_id: "u", activity_type: "trade", data: { padding: "x".repeat(2_000) } };
    const messages = Array.from({ length: 5_000 }, (_, n) => ({
      topic: TOPIC,
      type: "UserActivity",
      id: `m${n}`,
      data,
    }));
    await broker.publish(messages);
    const [position] = await broker.positions([TOPIC]);
    const slow = await client();
    slow.socket.pause();
    slow.send({ type: "subscribe", data: { topic: TOPIC, since: { epoch: position?.epoch, offset: 0 } } });
    const fast = await client();
    fast.send({ type: "subscribe", data: { topic: TOPIC, since: { epoch: position?.epoch, offset: 0 } } });
    await readUntil(fast, 5_000);
    await broker.publish([{ topic: TOPIC, type: "UserActivity", id: "live", data }]);
    await readUntil(fast, 5_001);
    slow.socket.resume();
    await readUntil(slow, 5_001);
    expect(offsets(slow.frames)).toEqual(range(1, 5_001));
    expect(offsets(fast.frames)).toEqual(range(1, 5_001));
  });

  it("keeps a topic for a moment after the last one left, and leaves it then", async () => {
    const { client, publish, httpUrl } = await startTestGateway();
    const topics = async (): Promise<string | undefined> => {
      const text = await (await fetch(`${httpUrl}/metrics`)).text();
      return /^commcoin_gateway_topics\{[^}]*\} (\d+)/m.exec(text)?.[1];
    };
    const one = await client(`subscriptions=${TOKEN},token:${testAddress(2)}`);
    expect(await topics()).toBe("4");
    one.send({ type: "unsubscribe", data: { topic: TOKEN } });
    one.send({ type: "subscribe", data: { topic: TOKEN } });
    await one.settled();
    await publish(TOKEN);
    expect(offsets(await one.settled(), TOKEN)).toEqual([1]);
    await one.close();
    await expect.poll(topics).toBe("2");
  });
});
