import { createMemoryBroker, type Broker, type HistoryQuery } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { testAddress } from "../testing/test-address.ts";
import type { Frame, TestClient } from "../testing/test-client.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

const TOPIC = "market_data";

/** A broker whose reads of history wait until they are let go. */
function slowBroker() {
  const inner = createMemoryBroker();
  const waiting: (() => void)[] = [];
  const queries: (HistoryQuery | undefined)[] = [];
  const broker: Broker = {
    ...inner,
    async history(topic, query) {
      queries.push(query);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return inner.history(topic, query);
    },
  };
  return {
    broker,
    queries,
    letGo: () => waiting.shift()?.(),
    letAllGo: () => setInterval(() => waiting.shift()?.(), 1),
  };
}

const history = (id: number, data: object = {}) => ({ type: "history", id, data: { topic: TOPIC, ...data } });
const codeOf = ({ data }: Frame): unknown => data["code"];

async function publishLarge(
  gateway: TestGateway,
  count: number,
  bytes: number,
  topic = TOPIC,
): Promise<void> {
  const data = { user_id: "u", activity_type: "trade", data: { padding: "x".repeat(bytes) } };
  for (let n = 1; n <= count; n += 1)
    await gateway.broker.publish([{ topic, type: "UserActivity", id: `large-${n}`, data }]);
}
const offsetsOf = (frame: Frame): readonly number[] =>
  (frame.data["messages"] as { offset: number }[]).map(({ offset }) => offset);
const answerTo = (client: TestClient, id: number): Promise<Frame> =>
  client.nextWhere((frame) => frame.id === id);

describe("requests for history", () => {
  it("are answered one after the other, and refused beyond a few", async () => {
    const slow = slowBroker();
    const gateway = await startTestGateway({}, { broker: slow.broker });
    await gateway.publish(TOPIC, 5);
    const client = await gateway.client();
    for (let id = 1; id <= 6; id += 1) client.send(history(id, { limit: id }));
    expect(codeOf(await answerTo(client, 5))).toBe("rate_limited");
    expect(codeOf(await answerTo(client, 6))).toBe("rate_limited");
    expect(slow.queries).toHaveLength(1);
    const pump = slow.letAllGo();
    for (let id = 1; id <= 4; id += 1) {
      expect(offsetsOf(await answerTo(client, id))).toHaveLength(id);
    }
    client.send(history(7));
    expect(await answerTo(client, 7)).toMatchObject({ type: "history" });
    clearInterval(pump);
  });

  it("are read a few at a time for all connections, equal ones once, and refused when too many wait", async () => {
    const slow = slowBroker();
    const gateway = await startTestGateway({ WEBSOCKET_HISTORY_READS: "2" }, { broker: slow.broker });
    await gateway.publish(TOPIC, 3);
    const clients = await Promise.all(Array.from({ length: 70 }, () => gateway.client()));
    for (const [index, client] of clients.entries()) client.send(history(1, { limit: 1 + (index % 70) }));
    await eventually(() =>
      expect(clients.flatMap(({ frames }) => frames.filter((frame) => frame.id === 1))).toHaveLength(4),
    );
    expect(slow.queries).toHaveLength(2);
    const pump = slow.letAllGo();
    const answers = await Promise.all(clients.map((client) => answerTo(client, 1)));
    clearInterval(pump);
    expect(answers.filter(({ type }) => type === "history")).toHaveLength(66);
    expect(answers.filter((frame) => codeOf(frame) === "rate_limited")).toHaveLength(4);
  });

  it("that are equal are one read", async () => {
    const slow = slowBroker();
    const gateway = await startTestGateway({}, { broker: slow.broker });
    await gateway.publish(TOPIC, 3);
    const clients = await Promise.all(Array.from({ length: 5 }, () => gateway.client()));
    for (const client of clients) client.send(history(1));
    await Promise.all(clients.map((client) => client.settled()));
    expect(slow.queries).toHaveLength(1);
    slow.letGo();
    for (const client of clients) expect(client.frames.some(({ type }) => type === "history")).toBe(false);
    for (const client of clients) expect(offsetsOf(await answerTo(client, 1))).toEqual([1, 2, 3]);
  });

  it("of a connection that is gone are not read", async () => {
    const slow = slowBroker();
    const gateway = await startTestGateway({ WEBSOCKET_HISTORY_READS: "1" }, { broker: slow.broker });
    const gone = await Promise.all(Array.from({ length: 10 }, () => gateway.client()));
    for (const [index, client] of gone.entries()) {
      for (let id = 0; id < 4; id += 1) client.send(history(id, { limit: 1 + 4 * index + id }));
    }
    await Promise.all(gone.map((client) => client.settled()));
    await Promise.all(gone.map((client) => client.close()));
    await eventually(() => expect(gateway.gateway.stats().total_connections).toBe(0));
    const client = await gateway.client();
    client.send(history(1, { limit: 100 }));
    const pump = slow.letAllGo();
    expect(await answerTo(client, 1)).toMatchObject({ type: "history" });
    clearInterval(pump);
    expect(slow.queries.map((query) => query?.last)).toEqual([1, 100]);
  });

  it.each([
    ["from the broker", ""],
    ["from memory", `subscriptions=${TOPIC}`],
  ])("are answered with as much as fits, and pages make it whole, %s", async (_, query) => {
    const gateway = await startTestGateway();
    const client = await gateway.client(query);
    await publishLarge(gateway, 30, 20_000);
    client.send(history(1));
    const newest = await answerTo(client, 1);
    expect(offsetsOf(newest).length).toBeLessThan(15);
    expect(offsetsOf(newest).at(-1)).toBe(30);
    const { epoch } = newest.data as { epoch: string };
    let offset = 22;
    for (let id = 2; offset < 30; id += 1) {
      client.send(history(id, { since: { epoch, offset }, limit: 3 }));
      const page = offsetsOf(await answerTo(client, id));
      expect(page).toEqual([1, 2, 3].map((n) => offset + n).filter((n) => n <= 30));
      offset = page.at(-1) ?? 30;
    }
    client.send(history(90, { since: { epoch, offset: 0 } }));
    expect(offsetsOf(await answerTo(client, 90))).toEqual(offsetsOf(newest).map((_, index) => 1 + index));
  });

  it("answer with one message, however large it is", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_MAX_BACKPRESSURE_BYTES: "262144" });
    const client = await gateway.client();
    await publishLarge(gateway, 3, 100_000);
    client.send(history(1));
    expect(offsetsOf(await answerTo(client, 1))).toEqual([3]);
  });

  it("wait for a client that does not read: it takes no more memory, and gets them when it reads", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_HISTORY_REQUESTS: "100" });
    await publishLarge(gateway, 20, 20_000);
    const client = await gateway.client();
    client.socket.pause();
    // More than the system keeps for a socket.
    for (let id = 1; id <= 100; id += 1) client.send(history(id));
    const waiting = async (): Promise<number> => {
      const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
      return Number(/waiting_bytes\{[^}]*\} (\d+)/.exec(text)?.[1]);
    };
    await eventually(async () => expect(await waiting()).toBeGreaterThan(65_536));
    for (let look = 0; look < 20; look += 1) expect(await waiting()).toBeLessThan(65_536 + 300_000);
    client.socket.resume();
    for (let id = 1; id <= 100; id += 1)
      expect(await answerTo(client, id)).toMatchObject({ type: "history" });
  });
});

describe("new topics", () => {
  const joinedTopics = ({ frames }: TestClient): readonly string[] => {
    const connected = frames.find(({ type }) => type === "connected");
    const entries = connected?.data["subscriptions"] as { topic: string }[] | undefined;
    return (entries ?? []).map(({ topic }) => topic);
  };
  const subscribe = (id: number, topic: string) => ({ type: "subscribe", id, data: { topic } });

  it("are refused beyond the rate, and those that are here are not", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_NEW_TOPICS_PER_SECOND: "10" });
    const client = await gateway.client();
    for (let id = 1; id <= 60; id += 1) client.send(subscribe(id, `token:${testAddress(id)}`));
    await client.settled();
    const refused = client.frames.filter((frame) => codeOf(frame) === "rate_limited");
    expect(refused.length).toBeGreaterThan(30);
    const other = await gateway.client(`subscriptions=${TOPIC},token:${testAddress(1)}`);
    expect(joinedTopics(other)).toEqual(expect.arrayContaining([TOPIC, `token:${testAddress(1)}`]));
  });

  it("in the URL that are refused are left out, with an error for each", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_MAX_TOPICS: "2" });
    const asked = [1, 2, 3, 4].map((n) => `token:${testAddress(n)}`);
    await gateway.client(`subscriptions=${asked.slice(0, 2).join(",")}`);
    const client = await gateway.client(`user_id=u&subscriptions=${asked.slice(1).join(",")}`);
    await client.settled();
    expect(joinedTopics(client)).toEqual(["broadcast", "server:server-1", "user:u", asked[1]]);
    expect(client.frames.filter((frame) => codeOf(frame) === "too_many_subscriptions")).toHaveLength(2);
  });

  it.each(["token:abc", "program:x", "account:me", `token:${"1".repeat(33)}`, `program:${"z".repeat(44)}`])(
    "%s is not about an address and is refused",
    async (topic) => {
      const gateway = await startTestGateway();
      const client = await gateway.client();
      client.send(subscribe(1, topic));
      expect(codeOf(await answerTo(client, 1))).toBe("bad_topic");
      client.send({ type: "history", id: 2, data: { topic } });
      expect(codeOf(await answerTo(client, 2))).toBe("bad_topic");
    },
  );
});
