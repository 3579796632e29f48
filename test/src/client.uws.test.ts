import { createMemoryBroker } from "@commcoin/broker";
import { createClient, type NoticeOf } from "@commcoin/client";
import { createGateway, gatewayVariables, type Gateway } from "@commcoin/gateway";
import type { EventFrame } from "@commcoin/protocol";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";

const TOPICS = ["transactions", "token_updates", "market_data"] as const;
const MESSAGES = 5_000;
const BATCH = 40;
/** The connection is cut each time that this many messages more have arrived. */
const MESSAGES_PER_CUT = 400;
/** After so many messages the gateway shuts down and another one takes its place. */
const REPLACED_AFTER = 2_520;
/** A topic keeps 1,000 messages by default: no client may be further behind. */
const MAX_BEHIND = 900;

const broker = createMemoryBroker();

async function startGateway(serverId: string): Promise<Gateway> {
  const config = loadConfig(gatewayVariables, {
    SERVER_ID: serverId,
    WEBSOCKET_PORT: "0",
    SHUTDOWN_DRAIN_SECONDS: "0",
  });
  const gateway = createGateway({ config, broker, logger: silentLogger });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  return gateway;
}

it("a client that is cut off again and again, and whose gateway is replaced, gets every message once and in order", async () => {
  // The shortest back-off each time.
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const sockets: WebSocket[] = [];
  let gateway = await startGateway("gateway-1");
  /** Stands where a load balancer would: leads to the gateway that is there. */
  class BalancedWebSocket extends WebSocket {
    constructor(url: string) {
      super(url.replace("balancer", `127.0.0.1:${gateway.port}`));
      sockets.push(this);
    }
  }
  const client = createClient({
    url: "ws://balancer/ws",
    userId: "alice",
    WebSocket: BalancedWebSocket,
  });
  onTestFinished(() => client.close());

  const received = new Map<string, string[]>();
  const lost: NoticeOf<"lost">[] = [];
  const codes: (number | undefined)[] = [];
  let arrived = 0;
  let cuts = 0;
  const take = ({ topic, id }: EventFrame): void => {
    received.set(topic, [...(received.get(topic) ?? []), id]);
    arrived += 1;
    if (arrived % MESSAGES_PER_CUT !== 0) return;
    cuts += 1;
    sockets.at(-1)?.terminate();
  };
  client.on("lost", (notice) => lost.push(notice));
  client.on("state", ({ state, code }) => {
    if (state === "waiting") codes.push(code);
  });
  const subscriptions = TOPICS.map((topic) => client.subscribe(topic, take));
  client.on("message", ({ message }) => {
    // That alice comes and goes is told to her as well.
    if (message.id.startsWith("presence:")) return;
    if (message.topic === "user:alice" || message.topic === "broadcast") take(message);
  });
  client.connect();
  await Promise.all(subscriptions.map(({ ready }) => ready));

  const hasArrived = (count: number): Promise<void> =>
    eventually(() => expect(arrived).toBeGreaterThanOrEqual(count), 30_000);
  const expected = new Map<string, string[]>();
  for (let n = 0; n < MESSAGES; n += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, k) => {
      const number = n + k;
      // Every now and then one to a topic that nobody asked for: it must survive as well.
      const joined = number % 50 === 0 ? "user:alice" : number % 50 === 25 ? "broadcast" : undefined;
      const topic = joined ?? TOPICS[number % TOPICS.length] ?? "transactions";
      const id = `message-${number}`;
      expected.set(topic, [...(expected.get(topic) ?? []), id]);
      return {
        topic,
        type: "UserActivity",
        id,
        data: { user_id: "u", activity_type: "trade", data: number },
      };
    });
    await broker.publish(messages);
    if (n + BATCH === REPLACED_AFTER) {
      await hasArrived(REPLACED_AFTER);
      await gateway.stop();
      gateway = await startGateway("gateway-2");
    }
    await hasArrived(n - MAX_BEHIND);
  }
  await hasArrived(MESSAGES);

  expect(Object.fromEntries(received)).toEqual(Object.fromEntries(expected));
  expect(lost).toEqual([]);
  expect(client.counts()).toMatchObject({ duplicates: 0, gaps: 0, lost: 0 });
  expect(cuts).toBe(Math.floor(MESSAGES / MESSAGES_PER_CUT));
  expect(codes).toContain(1006);
  expect(codes).toContain(3001);
}, 60_000);
