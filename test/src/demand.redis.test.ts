import { createRedisBroker, DEMAND_TTL_MS, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createListener, listenerConfig, type Listener } from "@commcoin/listener";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { fastest } from "@commcoin/tsconfig/fastest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openClient, type Frame, type MessageClient } from "./support/message-client.ts";
import { startPubsubRecorder, type PubsubRecorder } from "./support/pubsub-recorder.ts";
import { randomAddress } from "./support/random-address.ts";
import { killAll } from "./support/service-process.ts";
import { startService, type RunningService } from "./support/start-service.ts";

const LIMIT = 3;
const GRACE_MS = 3_000;
/** Where it must not run out because the machine stalls. */
const LONG_GRACE_MS = 15_000;
/** What clients are promised: from the first subscription to a watched account. */
const STARTS_WITHIN_MS = 2_000;

let redis: RedisServer;
let localnet: Localnet;
let node: PubsubRecorder;
let broker: Broker;
let listener: Listener;
let listenerBroker: Broker;
const gateways = new Map<string, RunningService>();
const clients = new Set<MessageClient>();

async function startGateway(serverId: string): Promise<void> {
  const gateway = await startService("gateway", {
    SERVER_ID: serverId,
    REDIS_URL: redis.url,
    SHUTDOWN_DRAIN_SECONDS: "0",
    WATCHED_ACCOUNTS_MAX: String(LIMIT),
  });
  gateways.set(serverId, gateway);
}

async function startListener(accountGraceMs = GRACE_MS): Promise<void> {
  const config = loadConfig(listenerConfig, {
    REDIS_URL: redis.url,
    LISTENER_PORT: "0",
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: node.url,
    TRANSACTION_LISTENER_PROGRAM: "false",
    TRANSACTION_LISTENER_TOKENS: "off",
    WATCHED_ACCOUNTS_MAX: String(LIMIT),
  });
  listenerBroker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await listenerBroker.start();
  listener = createListener({
    config,
    broker: listenerBroker,
    logger: silentLogger,
    accountGraceMs,
  });
  await listener.start();
  await eventually(async () => {
    expect((await fetch(`http://127.0.0.1:${listener.port}/readyz`)).status).toBe(200);
  });
}

async function stopListener(): Promise<void> {
  await listener.stop();
  await listenerBroker.close();
}

async function connect(gateway: string, query = ""): Promise<MessageClient> {
  const running = gateways.get(gateway);
  if (running === undefined) throw new Error(`${gateway} is not running`);
  const client = await openClient(`ws://127.0.0.1:${running.port}/ws?${query}`);
  clients.add(client);
  await client.waitFor(({ type }) => type === "connected");
  return client;
}

const topicOf = (address: string): string => `account:${address}`;

async function subscribe(client: MessageClient, address: string): Promise<Frame> {
  const id = `subscribe-${address}`;
  client.send({ type: "subscribe", id, data: { topic: topicOf(address) } });
  return client.waitFor((frame) => frame.id === id);
}

/** Sends lamports to an account, and returns the signature. */
function transfer(address: string): string {
  const executed = localnet.engine.airdrop(address, 1_000_000n);
  localnet.submit(executed);
  return executed.signature;
}

/** Waits for the update of a transaction, which comes once. */
const arrives = async (client: MessageClient, address: string, signature: string): Promise<Frame> => {
  const isIt = ({ type, topic, data }: Frame): boolean =>
    type === "TransactionUpdate" && topic === topicOf(address) && data.transaction_id === signature;
  const frame = await client.waitFor(isIt);
  expect(client.frames.filter(isIt)).toEqual([frame]);
  return frame;
};

const nodeFollows = (...addresses: string[]): Promise<void> =>
  eventually(() => expect(node.followed()).toEqual(addresses.toSorted()));

const nobodyWantsAnything = (): Promise<void> =>
  eventually(async () => expect(await broker.demand.wanted()).toEqual([]));

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${listener.port}/metrics`)).text();
  return Number(new RegExp(`^commcoin_listener_${name}\\{[^}]*\\} (\\d+)$`, "m").exec(text)?.[1]);
};

beforeAll(async () => {
  [redis, localnet] = await Promise.all([startRedisServer(), createLocalnet({ slotMs: 50 })]);
  node = await startPubsubRecorder(localnet.wsUrl);
  broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await broker.start();
  await Promise.all([startListener(), startGateway("gateway-a"), startGateway("gateway-b")]);
});

afterEach(async () => {
  await Promise.all([...clients].map((client) => client.close()));
  clients.clear();
  await nobodyWantsAnything();
  await nodeFollows();
});

afterAll(async () => {
  await killAll();
  await stopListener();
  await broker.close();
  node.close();
  await localnet.stop();
  await redis.stop();
});

describe("accounts that clients follow", () => {
  it("are watched within two seconds of the first subscriber, and until a while after the last", async () => {
    const [one, two] = [await connect("gateway-a"), await connect("gateway-b")];
    expect(node.followed()).toEqual([]);
    let address = "";
    const watchedAfterMs = async (): Promise<number> => {
      if (address !== "") {
        one.send({ type: "unsubscribe", data: { topic: topicOf(address) } });
        await nodeFollows();
      }
      address = randomAddress();
      const since = performance.now();
      expect(await subscribe(one, address)).toMatchObject({ type: "subscribed" });
      // Not even what happens before the node reports on the account is missed.
      const early = transfer(address);
      await nodeFollows(address);
      const tookMs = performance.now() - since;
      await arrives(one, address, early);
      return tookMs;
    };
    expect(await fastest(STARTS_WITHIN_MS, watchedAfterMs)).toBeLessThan(STARTS_WITHIN_MS);
    expect(await metric("demanded_accounts")).toBe(1);
    expect(await metric("watched_accounts")).toBe(1);

    await subscribe(two, address);
    await one.close();
    clients.delete(one);
    const late = transfer(address);
    const frame = await arrives(two, address, late);
    expect(frame).toMatchObject({ data: { accounts: expect.arrayContaining([address]) } });

    two.send({ type: "unsubscribe", data: { topic: topicOf(address) } });
    const left = performance.now();
    await two.waitFor(({ type }) => type === "unsubscribed");
    await nodeFollows();
    expect(performance.now() - left).toBeGreaterThan(GRACE_MS);
    expect(await metric("watched_accounts")).toBe(0);
  });

  it("are a wallet's own without asking", async () => {
    const address = randomAddress();
    const client = await connect("gateway-a", `user_id=${address}`);
    await nodeFollows(address);
    const frame = await arrives(client, address, transfer(address));
    expect(frame).toMatchObject({ type: "TransactionUpdate" });
  });

  it("stay watched over a moment without anybody", async () => {
    await stopListener();
    await startListener(LONG_GRACE_MS);
    const address = randomAddress();
    const client = await connect("gateway-a");
    await subscribe(client, address);
    await nodeFollows(address);
    await client.close();
    clients.delete(client);
    await nobodyWantsAnything();
    expect(node.followed()).toEqual([address]);
    await subscribe(await connect("gateway-b"), address);
    await eventually(async () => expect(await metric("demanded_accounts")).toBe(1));
    expect(node.followed()).toEqual([address]);
    await stopListener();
    await startListener();
  });

  it("are never more than the bound, of all gateways together, and the client is told", async () => {
    const addresses = Array.from({ length: LIMIT + 2 }, randomAddress);
    const [one, two] = [await connect("gateway-a"), await connect("gateway-b")];
    const answers = await Promise.all(
      addresses.map((address, index) => subscribe(index % 2 === 0 ? one : two, address)),
    );
    const refused = answers.filter(({ type }) => type === "error");
    expect(refused).toHaveLength(2);
    for (const { data } of refused) {
      expect(data).toEqual({
        code: "too_many_subscriptions",
        message: expect.stringContaining(`clients have ${LIMIT} accounts watched already`),
      });
    }
    await nodeFollows(...addresses.filter((_, index) => answers[index]?.type === "subscribed"));
    expect(await metric("refused_accounts")).toBe(0);
  });

  it("are watched again by a listener that starts anew", async () => {
    const address = randomAddress();
    const client = await connect("gateway-a");
    await subscribe(client, address);
    await nodeFollows(address);
    await stopListener();
    await nodeFollows();
    await startListener();
    await nodeFollows(address);
    const frame = await arrives(client, address, transfer(address));
    expect(frame).toMatchObject({ type: "TransactionUpdate" });
  });

  it("are watched again after Redis lost everything", async () => {
    const address = randomAddress();
    const client = await connect("gateway-a");
    await subscribe(client, address);
    await nodeFollows(address);
    await redis.restart();
    await eventually(async () => expect(await broker.demand.wanted()).toEqual([address]));
    await nodeFollows(address);
    await arrives(client, address, transfer(address));
  });

  it("are not watched any more when their gateway is killed; those of others are", async () => {
    const [lost, kept] = [randomAddress(), randomAddress()];
    const other = await connect("gateway-b");
    await subscribe(await connect("gateway-a"), lost);
    await subscribe(other, kept);
    await nodeFollows(lost, kept);
    const since = performance.now();
    gateways.get("gateway-a")?.process.kill("SIGKILL");
    clients.clear();
    clients.add(other);
    await eventually(() => expect(node.followed()).toEqual([kept]), 30_000);
    expect(performance.now() - since).toBeGreaterThan(DEMAND_TTL_MS - 10_000);
    await arrives(other, kept, transfer(kept));
    // The one that takes its place finds everything as a client needs it.
    await startGateway("gateway-a");
    const client = await connect("gateway-a");
    await subscribe(client, lost);
    await nodeFollows(lost, kept);
    await arrives(client, lost, transfer(lost));
  });
});
