import { REFUSALS, startRedisServer, type Refusal, type RedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { fastest } from "@commcoin/tsconfig/fastest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, type MessageClient } from "./support/message-client.ts";
import { killAll } from "./support/service-process.ts";
import { startService, type RunningService } from "./support/start-service.ts";

/** What operators are promised: from the first write that is refused, and from the first that is taken again. */
const SHOWN_WITHIN_MS = 5_000;
const SERVICES = ["gateway", "admin", "listener"] as const;
const TOPIC = "transactions";

let redis: RedisServer;
let localnet: Localnet;
let services: readonly RunningService[];
let client: MessageClient;

const read = async ({ port }: RunningService, path: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, text: await answer.text() };
};

interface Shown {
  readonly ready: boolean;
  readonly brokerUp: number;
  readonly problem: string;
}

/** What operators are shown of the broker by one service. */
const shownBy = async (service: RunningService): Promise<Shown> => {
  const [readiness, metrics] = await Promise.all([read(service, "/readyz"), read(service, "/metrics")]);
  const { checks } = JSON.parse(readiness.text) as { checks: { broker: { message?: string } } };
  return {
    ready: readiness.status === 200,
    brokerUp: Number(/^commcoin_(?:admin_)?broker_up(?:\{[^}]*\})? (\d)$/m.exec(metrics.text)?.[1]),
    problem: checks.broker.message ?? "",
  };
};
const shown = (): Promise<readonly Shown[]> => Promise.all(services.map(shownBy));

const allShow = (what: readonly unknown[]): Promise<void> =>
  eventually(async () => expect(await shown()).toEqual(what));
const allWell = SERVICES.map(() => ({ ready: true, brokerUp: 1, problem: "" }));

beforeAll(async () => {
  [redis, localnet] = await Promise.all([
    startRedisServer(),
    createLocalnet({ slotMs: 100, market: { transactionsPerSecond: 10, seed: "states" } }),
  ]);
  services = await Promise.all(
    SERVICES.map((service) =>
      startService(service, {
        SERVER_ID: service,
        REDIS_URL: redis.url,
        SHUTDOWN_DRAIN_SECONDS: "0",
        SOLANA_RPC_URL: localnet.httpUrl,
        SOLANA_WS_URL: localnet.wsUrl,
      }),
    ),
  );
  await allShow(allWell);
  client = await openClient(`ws://127.0.0.1:${services[0]?.port}/ws?subscriptions=${TOPIC}`);
  await client.waitFor(({ topic }) => topic === TOPIC);
});

afterAll(async () => {
  await client.close();
  await killAll();
  await localnet.stop();
  await redis.stop();
});

const STATES: readonly (readonly [state: string, refusal: Refusal, advice: string])[] = [
  ["has no memory left", REFUSALS.full, "Raise maxmemory"],
  ["cannot save its data", REFUSALS["cannot-save"], "free space on its disk"],
  ["lacks replicas", REFUSALS["no-replicas"], "lower min-replicas-to-write"],
  ["became a replica", REFUSALS["read-only"], "REPLICAOF NO ONE"],
];

describe.each(STATES)("a Redis that %s", (_, { word, begin, end }, advice) => {
  it("shows in readiness and metrics of every service in time, and no longer when it is over", async () => {
    const until = async (change: () => Promise<unknown>, what: readonly unknown[]): Promise<number> => {
      await change();
      const from = performance.now();
      await allShow(what);
      return performance.now() - from;
    };
    const problem = expect.stringMatching(`refuses what is written: ${word} .*${advice}`) as string;
    const trouble = SERVICES.map(() => ({ ready: false, brokerUp: 0, problem }));
    const times: { began: number; ended: number }[] = [];
    const once = async (): Promise<number> => {
      const began = await until(() => begin(redis), trouble);

      // What needs no write goes on: who is connected stays, and reads what there is.
      const id = `past-${times.length}`;
      client.send({ type: "history", id, data: { topic: TOPIC, limit: 5 } });
      expect(await client.waitFor((frame) => frame.id === id)).toMatchObject({ type: "history" });

      const ended = await until(() => end(redis), allWell);
      times.push({ began, ended });
      return Math.max(began, ended);
    };
    expect(await fastest(SHOWN_WITHIN_MS, once), JSON.stringify(times)).toBeLessThan(SHOWN_WITHIN_MS);

    // What was made meanwhile is published after it, and what comes is delivered.
    const seen = client.frames.length;
    await client.waitFor((frame) => frame.topic === TOPIC && client.frames.indexOf(frame) >= seen);
  }, 90_000);
});
