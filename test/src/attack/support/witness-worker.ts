import { createRedisBroker, createRetentionPolicy, type Broker } from "@commcoin/broker";
import { createClient, type Client } from "@commcoin/client";
import { serve } from "@commcoin/harness";
import { silentLogger } from "@commcoin/service/telemetry";
import { WebSocket } from "ws";
import { CHAIN_TOPIC, STREAM_TOPIC } from "./topics.ts";

export interface OpenWitness {
  readonly redisUrl: string;
  readonly gatewayPort: number;
  /** Where the gateway verifies tokens; null where it believes what it is told. */
  readonly token: string | null;
}

/** One message of the steady stream; times are Unix milliseconds. */
export interface Sent {
  readonly id: string;
  readonly createdAt: number;
  /** Beginning of the attempt that the broker took, or of the latest one. */
  attemptAt: number;
  receivedAt: number | null;
}

/** What the healthy client saw besides its messages. */
export interface Account {
  readonly connections: number;
  readonly duplicates: number;
  readonly toldLost: number;
  readonly closeCodes: readonly number[];
  readonly errors: readonly string[];
}

const RETENTION = createRetentionPolicy({ [STREAM_TOPIC]: { maxMessages: 20_000 } });
const RETRY_MS = 50;
const FILL_BATCH = 200;

const now = (): number => performance.timeOrigin + performance.now();

let broker: Broker | undefined;
let client: Client | undefined;
let timer: NodeJS.Timeout | undefined;
let filled = 0;
let duplicates = 0;
let toldLost = 0;
const sent = new Map<string, Sent>();
/** Messages of the chain's topic by id, and when they came. */
const arrived = new Map<string, number>();
const closeCodes: number[] = [];
const errors: string[] = [];

const notification = (topic: string, id: string, text: string) => ({
  topic,
  id,
  type: "Notification",
  data: { user_id: null, title: "Steady", message: text, notification_type: "info" },
});

async function deliver(message: Sent): Promise<void> {
  for (;;) {
    message.attemptAt = now();
    try {
      await broker?.publish([notification(STREAM_TOPIC, message.id, "Here I am.")]);
      return;
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
    }
  }
}

const commands = {
  async open({ redisUrl, gatewayPort, token }: OpenWitness): Promise<void> {
    broker = createRedisBroker({ url: redisUrl, logger: silentLogger, retention: RETENTION });
    await broker.start();
    const identity = token === null ? { userId: "healthy" } : { getToken: () => Promise.resolve(token) };
    client = createClient({ url: `ws://127.0.0.1:${gatewayPort}/ws`, WebSocket, ...identity });
    client.on("lost", () => (toldLost += 1));
    client.on("error", ({ code, message }) => errors.push(`${code}: ${message}`));
    client.on("state", ({ code }) => {
      if (code !== undefined) closeCodes.push(code);
    });
    const subscriptions = [
      client.subscribe(STREAM_TOPIC, ({ id }) => {
        const message = sent.get(id);
        if (message === undefined) return;
        if (message.receivedAt === null) message.receivedAt = now();
        else duplicates += 1;
      }),
      client.subscribe(CHAIN_TOPIC, ({ id }) => {
        if (arrived.has(id)) duplicates += 1;
        else arrived.set(id, now());
      }),
    ];
    client.connect();
    await Promise.all(subscriptions.map(({ ready }) => ready));
  },
  /** Begins the steady stream. */
  stream(perSecond: number): void {
    clearInterval(timer);
    timer = setInterval(() => {
      const message: Sent = {
        id: `steady-${sent.size}`,
        createdAt: now(),
        attemptAt: now(),
        receivedAt: null,
      };
      sent.set(message.id, message);
      void deliver(message);
    }, 1_000 / perSecond);
  },
  /** Publishes messages of a size to a topic, for those who read them or do not. */
  async fill(topic: string, count: number, bytes: number): Promise<void> {
    const text = "x".repeat(bytes);
    for (let left = count; left > 0; left -= FILL_BATCH) {
      const batch = Array.from({ length: Math.min(FILL_BATCH, left) }, () => {
        filled += 1;
        return notification(topic, `fill-${filled}`, text);
      });
      await broker?.publish(batch);
    }
  },
  /** The steady stream from a moment on. */
  sentSince: (at: number): readonly Sent[] => [...sent.values()].filter(({ createdAt }) => createdAt >= at),
  /** When messages of the chain came since a moment, by id. */
  arrivedSince: (at: number): ReadonlyMap<string, number> =>
    new Map([...arrived].filter(([, arrivedAt]) => arrivedAt >= at)),
  account: (): Account => ({
    connections: client?.counts().connections ?? 0,
    duplicates,
    toldLost,
    closeCodes: [...closeCodes],
    errors: [...errors],
  }),
  async close(): Promise<void> {
    clearInterval(timer);
    client?.close();
    await broker?.close();
  },
};

export type WitnessCommands = typeof commands;

serve(commands);
