import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startFakeGateway, type Peer } from "../../../packages/client/src/testing/fake-gateway.ts";
import { event } from "../../../packages/client/src/testing/machine.ts";
import { freePort } from "../support/free-port.ts";
import { packClient, type PackedClient } from "../support/pack-client.ts";
import { killAll } from "../support/service-process.ts";
import { startService, type RunningService } from "../support/start-service.ts";
import { FOLLOWERS, startFollower, type RunningFollower } from "./programs.ts";

const TOPICS = ["notifications", "user_activity"] as const;
const BATCHES = 15;
const BATCH = 20;
/** The gateway is killed before these batches, and back after them. */
const MISSED = new Set([4, 9]);

let redis: RedisServer;
let broker: Broker;
let client: PackedClient;
let port: number;
let gateway: RunningService;

const startGateway = async (): Promise<void> => {
  gateway = await startService("gateway", {
    SERVER_ID: "gateway-1",
    REDIS_URL: redis.url,
    WEBSOCKET_PORT: String(port),
  });
};

beforeAll(async () => {
  [redis, client, port] = await Promise.all([startRedisServer(), packClient(), freePort()]);
  broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await Promise.all([broker.start(), startGateway()]);
  for (const { name, prepare } of here) commands.set(name, await prepare(client));
});

afterAll(async () => {
  await killAll();
  await broker.close();
  await Promise.all([redis.stop(), client.remove()]);
});

const publish = (batch: number): Promise<unknown> =>
  broker.publish(
    TOPICS.flatMap((topic) =>
      Array.from({ length: BATCH }, (_, n) => ({
        topic,
        type: "UserActivity",
        id: `${topic}-${batch}-${n}`,
        data: { user_id: "u", activity_type: "trade", data: batch * BATCH + n },
      })),
    ),
  );

const here = FOLLOWERS.filter(({ missing }) => missing === null);
const commands = new Map<string, readonly [string, ...string[]]>();

function follow(name: string, url: string, ...topics: readonly string[]): RunningFollower {
  const [program = "", ...args] = commands.get(name) ?? [];
  const follower = startFollower([program, ...args, url, ...topics]);
  onTestFinished(() => follower.kill());
  return follower;
}

/** All of them are in both topics. */
const haveJoined = (): Promise<void> =>
  eventually(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/ws/connections`);
    expect(await answer.json()).toMatchObject({ subscriptions: here.length * TOPICS.length });
  });

/** Gives the messages after the second one to whoever asks for them: in the connection, or by a new one. */
async function resume(topic: string, first: Peer, second: Promise<Peer>): Promise<Peer> {
  const asked = eventually(() => expect(first.frames).toHaveLength(1)).then(() => first);
  asked.catch(() => undefined);
  const peer = await Promise.race([asked, second]);
  const replay = { topic, epoch: "e", offset: 5, recovered: true, replayed: 3 };
  const [request] = first.frames;
  const since =
    peer === first && request?.type === "subscribe" && "since" in request.data
      ? `${topic}@${request.data.since?.epoch}:${request.data.since?.offset}`
      : peer.url.searchParams.get("since")?.split(",").at(-1);
  expect(since).toBe(`${topic}@e:2`);
  if (peer === first) peer.send({ type: "subscribed", id: request?.id, data: replay });
  else peer.greet([replay]);
  return peer;
}

it("lose and double nothing while the gateway is killed and started again, twice", async () => {
  const url = `ws://127.0.0.1:${port}/ws`;
  const followers = here.map(({ name }) => follow(name, url, ...TOPICS));
  await haveJoined();
  for (let batch = 0; batch < BATCHES; batch += 1) {
    if (MISSED.has(batch)) {
      gateway.process.kill("SIGKILL");
      await gateway.process.exit;
    }
    await publish(batch);
    if (MISSED.has(batch)) {
      await startGateway();
      await haveJoined();
    }
  }
  const every = Array.from({ length: BATCHES * BATCH }, (_, index) => index + 1);
  for (const { messages, errors } of followers) {
    await eventually(() => expect(messages, errors()).toHaveLength(every.length * TOPICS.length));
    for (const topic of TOPICS) {
      const mine = messages.filter((message) => message.topic === topic);
      expect(mine.map(({ offset }) => offset)).toEqual(every);
      expect(new Set(mine.map(({ id }) => id)).size).toBe(every.length);
    }
    expect(errors()).not.toContain("lost:");
  }
});

describe.each(FOLLOWERS)("$name", ({ name, missing }) => {
  it.skipIf(missing !== null)(
    `fills holes, drops what it has, says what is lost, and stays away when told to${missing === null ? "" : ` (${missing})`}`,
    async () => {
      const topic = "notifications";
      const server = await startFakeGateway();
      onTestFinished(() => server.stop());
      const follower = follow(name, server.url, topic);
      const printed = (): readonly number[] => follower.messages.map(({ offset }) => offset);
      const prints = (...offsets: readonly number[]): Promise<void> =>
        eventually(() => expect(printed(), follower.errors()).toEqual(offsets));

      let peer = await server.next();
      expect(peer.url.searchParams.get("subscriptions")).toBe(topic);
      peer.greet([{ topic, epoch: "e", offset: 0 }]);
      for (const offset of [1, 2, 2, 1, 4]) peer.send(event(topic, offset));
      await prints(1, 2);
      const second = server.next();
      const resumed = await resume(topic, peer, second);
      const third = resumed === peer ? second : server.next();
      peer = resumed;
      for (const offset of [3, 4, 5, 6]) peer.send(event(topic, offset));
      await prints(1, 2, 3, 4, 5, 6);

      peer.send({ type: "reset", data: { topic, epoch: "f", offset: 10, reason: "epoch_changed" } });
      for (const offset of [10, 11]) peer.send(event(topic, offset));
      await prints(1, 2, 3, 4, 5, 6, 11);

      peer.close(3001, "shutdown; reconnect in 10 ms");
      peer = await third;
      expect(peer.url.searchParams.get("since")).toMatch(/(^|,)notifications@f:11$/);
      peer.greet([{ topic, epoch: "f", offset: 20, recovered: false, reason: "trimmed" }]);
      for (const offset of [20, 21]) peer.send(event(topic, offset));
      await prints(1, 2, 3, 4, 5, 6, 11, 21);
      expect(follower.errors()).toMatch(/lost:|goes on at f 20 after f 11/);

      peer.close(3503, "disconnected by an operator");
      await follower.exit;
      expect(server.peers.at(-1)).toBe(peer);
    },
  );
});
