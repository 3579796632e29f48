import { closedKey, createMemoryBroker, createSurveyor, type Broker, type Surveyor } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { onTestFinished, describe, expect, it } from "vitest";
import type { TestClient } from "../testing/test-client.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { RETURN_GRACE_MS } from "./user-activity.ts";

function surveyorOn({ control, registry }: Broker): Surveyor {
  const surveyor = createSurveyor({ control, registry, logger: silentLogger });
  onTestFinished(() => surveyor.close());
  return surveyor;
}

async function startTwo(): Promise<{
  broker: Broker;
  here: TestGateway;
  there: TestGateway;
  survey: Surveyor;
}> {
  const broker = createMemoryBroker();
  const here = await startTestGateway({}, { broker });
  const there = await startTestGateway({ SERVER_ID: "server-2" }, { broker });
  return { broker, here, there, survey: surveyorOn(broker) };
}

const idOf = (client: TestClient): string => client.frames[0]?.data.connection_id as string;
const told = (client: TestClient): readonly string[] =>
  client.presence
    .filter(({ topic }) => topic === "user_activity")
    .map(({ data }) => `${String(data.user_id)} ${String(data.activity_type)}`);

describe("questions to gateways", () => {
  it("are answered with what is known of a connection", async () => {
    const { here, there, survey } = await startTwo();
    const before = Date.now();
    const client = await here.client("user_id=ann&subscriptions=market_data");
    await there.client();
    await here.publish("market_data", 5);
    client.send({ type: "subscribe", data: { topic: "transactions" } });
    await client.nextOfType("subscribed");
    await here.publish("transactions", 2);
    await client.nextWhere(({ topic, offset }) => topic === "transactions" && offset === 2);
    await eventually(() => expect(client.presence).toHaveLength(1));
    const { answers, missing } = await survey.ask({ type: "connections", limit: 10, user_id: "ann" });
    expect(missing).toEqual([]);
    const connections = answers.flatMap(({ answer }) => answer.entries);
    expect(connections).toEqual([
      {
        id: idOf(client),
        server_id: "server-1",
        user_id: "ann",
        address: "127.0.0.1",
        user_agent: "",
        since: expect.any(Number),
        last_seen: expect.any(Number),
        topics: ["broadcast", "server:server-1", "user:ann", "market_data", "transactions"],
        topic_count: 5,
        // Everything that came: connected and subscribed, seven messages, and that this user is connected.
        sent: client.frames.length + client.presence.length,
        received: 1,
        buffered: 0,
      },
    ]);
    const since = connections[0]?.since ?? 0;
    const lastSeen = connections[0]?.last_seen ?? 0;
    expect(since).toBeGreaterThanOrEqual(before - 50);
    expect(lastSeen).toBeGreaterThanOrEqual(since);
    expect(lastSeen).toBeLessThanOrEqual(Date.now() + 50);
  });

  it("count replayed messages once, and live ones after them", async () => {
    const { here, survey } = await startTwo();
    await here.publish("market_data", 4);
    const first = await here.client();
    first.send({ type: "subscribe", data: { topic: "market_data", last: 3 } });
    await first.nextWhere(({ offset }) => offset === 4);
    await here.publish("market_data", 2);
    await first.nextWhere(({ offset }) => offset === 6);
    const { answers } = await survey.ask({ type: "connection", connection_id: idOf(first) });
    const sent = answers.flatMap(({ answer }) => answer.connection?.sent ?? []);
    expect(sent).toEqual([first.frames.length]);
    expect(first.frames).toHaveLength(7);
  });

  it("filter connections, page through them, and list topics with their members", async () => {
    const { here, there, survey } = await startTwo();
    const clients = [
      await here.client("subscriptions=market_data"),
      await here.client("subscriptions=market_data"),
      await there.client("subscriptions=market_data"),
      await there.client(),
    ];
    const list = async (question: { topic?: string; after?: string; limit: number }) =>
      (await survey.ask({ type: "connections", ...question })).answers
        .flatMap(({ answer }) => answer.entries.map(({ id }) => id))
        .toSorted();
    const ids = clients.map(idOf);
    expect(await list({ limit: 10 })).toEqual(ids.toSorted());
    expect(await list({ limit: 10, topic: "market_data" })).toEqual(ids.slice(0, 3).toSorted());
    const [a = "", b = ""] = ids.slice(0, 2).toSorted();
    const one = await survey.ask({ type: "connections", limit: 1 }, { serverId: "server-1" });
    expect(one.answers).toMatchObject([{ answer: { entries: [{ id: a }], more: true } }]);
    const two = await survey.ask({ type: "connections", limit: 1, after: a }, { serverId: "server-1" });
    expect(two.answers).toMatchObject([{ answer: { entries: [{ id: b }], more: false } }]);
    const topics = await survey.ask({ type: "topics", limit: 10 }, { serverId: "server-1" });
    expect(topics.answers[0]?.answer.entries.map(({ topic, subscribers }) => [topic, subscribers])).toEqual([
      ["broadcast", 2],
      ["market_data", 2],
      ["server:server-1", 2],
    ]);
  });

  it("tell of connections that are gone: who closed them, how and when, the newest first", async () => {
    const { here, there, survey } = await startTwo();
    const before = Date.now();
    const ask = async (question: object, serverId?: string) =>
      (
        await survey.ask({ type: "closed_connections", limit: 10, ...question }, { serverId })
      ).answers.flatMap(({ answer }) => answer.entries);
    const left = await here.client("user_id=ann");
    const kicked = await here.client("user_id=bob");
    const lost = await here.client();
    const flooding = await here.client("user_id=eve");
    await there.client("user_id=ann");
    expect(await ask({})).toEqual([]);

    left.socket.close(4001, "good bye");
    await eventually(async () => expect(await ask({})).toHaveLength(1));
    await survey.ask({ type: "disconnect_user", user_id: "bob" });
    await eventually(async () => expect(await ask({})).toHaveLength(2));
    lost.socket.terminate();
    await eventually(async () => expect(await ask({})).toHaveLength(3));
    flooding.send({ type: "x".repeat(100_000) });
    await eventually(async () => expect(await ask({})).toHaveLength(4));

    const told = await ask({}, "server-1");
    expect(told).toMatchObject([
      { id: idOf(flooding), user_id: "eve", code: 1006, by_gateway: true },
      { id: idOf(lost), user_id: null, code: 1006, by_gateway: false },
      { id: idOf(kicked), code: 3503, reason: "disconnected by an operator", by_gateway: true },
      { id: idOf(left), code: 4001, reason: "good bye", by_gateway: false },
    ]);
    for (const { since, closed_at, address } of told) {
      expect(address).toBe("127.0.0.1");
      expect(since).toBeGreaterThanOrEqual(before - 50);
      expect(closed_at).toBeGreaterThanOrEqual(since);
      expect(closed_at).toBeLessThanOrEqual(Date.now() + 50);
    }
    expect((await ask({ user_id: "bob" })).map(({ id }) => id)).toEqual([idOf(kicked)]);
    expect(await ask({ address: "10." })).toEqual([]);
    const [first] = told;
    const after = first === undefined ? "" : closedKey(first);
    expect((await ask({ limit: 2, after })).map(({ id }) => id)).toEqual([idOf(lost), idOf(kicked)]);
  });

  it("find connections by their address, whole or its beginning", async () => {
    const { here, survey } = await startTwo();
    const client = await here.client();
    const list = async (address: string) =>
      (await survey.ask({ type: "connections", limit: 10, address })).answers.flatMap(({ answer }) =>
        answer.entries.map(({ id }) => id),
      );
    for (const address of ["127.0.0.1", "127.0.", "127.", "::ffff:127.0.0.1"])
      expect([address, await list(address)]).toEqual([address, [idOf(client)]]);
    for (const address of ["127.0.0.11", "27.0.0.1", "10."])
      expect([address, await list(address)]).toEqual([address, []]);
  });

  it("say how many connections a command closed, and close them", async () => {
    const { here, there, survey } = await startTwo();
    const clients = [
      await here.client("user_id=ann"),
      await here.client("user_id=ann"),
      await there.client("user_id=ann"),
    ];
    const other = await there.client("user_id=bob");
    const counts = async (question: Parameters<Surveyor["ask"]>[0], serverId?: string) =>
      (await survey.ask(question, { serverId })).answers.map(({ answer }) => answer);
    expect(await counts({ type: "disconnect_connection", connection_id: idOf(other) })).toEqual(
      expect.arrayContaining([{ connections: 0 }, { connections: 1 }]),
    );
    expect((await other.closed).code).toBe(3503);
    expect(await counts({ type: "disconnect_user", user_id: "ann" })).toEqual(
      expect.arrayContaining([{ connections: 2 }, { connections: 1 }]),
    );
    for (const { closed } of clients) expect((await closed).code).toBe(3503);
    const last = await here.client();
    expect(await counts({ type: "drain" }, "server-1")).toEqual([{ connections: 1 }]);
    expect((await last.closed).code).toBe(3001);
    const metrics = await (await fetch(`${here.httpUrl}/metrics`)).text();
    expect(metrics).toContain('commcoin_gateway_questions_total{question="drain",service="gateway"} 1');
  });
});

describe("users who come and leave", () => {
  it("are told once for the cluster: with the first connection, and after the last one", async () => {
    const { here, there } = await startTwo();
    const watcher = await there.client("subscriptions=user_activity");
    const first = await here.client("user_id=ann");
    await eventually(() => expect(told(watcher)).toEqual(["ann connected"]));
    expect(first.presence).toMatchObject([
      { type: "UserActivity", topic: "user:ann", data: { user_id: "ann", activity_type: "connected" } },
    ]);
    const second = await there.client("user_id=ann");
    await first.close();
    const bob = await here.client("user_id=bob");
    await bob.close();
    const eve = await here.client("user_id=eve");
    await eventually(() => expect(told(watcher)).toContain("eve connected"));
    await second.close();
    await eventually(() => expect(told(watcher)).toContain("ann disconnected"));
    expect(told(watcher).filter((text) => text.startsWith("ann"))).toEqual([
      "ann connected",
      "ann disconnected",
    ]);
    // Counted by whoever told it, when the broker has answered, which may be after the message arrived.
    const disconnectedAt = async ({ httpUrl }: { readonly httpUrl: string }): Promise<number> => {
      const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
      return Number(
        /gateway_user_events_total\{activity="disconnected"[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0,
      );
    };
    await eventually(async () => {
      const disconnected = told(watcher).filter((text) => text.endsWith(" disconnected"));
      expect((await disconnectedAt(here)) + (await disconnectedAt(there))).toBe(disconnected.length);
    });
    await eve.close();
  });

  it("are not told when they reload the page, or find another gateway while theirs stops", async () => {
    const { here, there } = await startTwo();
    const watcher = await there.client("subscriptions=user_activity");
    const before = await here.client("user_id=ann");
    await here.client("user_id=bob");
    await eventually(() => expect(told(watcher)).toHaveLength(2));
    await before.close();
    await here.client("user_id=ann");
    const stopped = here.gateway.stop();
    await there.client("user_id=ann");
    await stopped;
    await eventually(() => expect(told(watcher)).toContain("bob disconnected"));
    expect(told(watcher).filter((text) => text.startsWith("ann"))).toEqual(["ann connected"]);
  });

  it("are told to have left when the last gateway stops, and nothing of them remains", async () => {
    const broker = createMemoryBroker();
    const { client, gateway } = await startTestGateway({}, { broker });
    await client("user_id=ann");
    await eventually(async () => expect(await broker.users.count()).toBe(1));
    const stoppedAt = performance.now();
    await gateway.stop();
    expect(performance.now() - stoppedAt).toBeLessThan(RETURN_GRACE_MS);
    expect(await broker.users.count()).toBe(0);
    const { deliveries } = await broker.history("user_activity");
    expect(
      deliveries.map(({ frame }) => JSON.parse(Buffer.from(frame).toString()).data.activity_type),
    ).toEqual(["connected", "disconnected"]);
  });
});
