import { startWorker, type Worker } from "@commcoin/harness";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createService, type Service } from "./support/service.ts";
import type { WitnessCommands } from "./support/witness-worker.ts";

/** The services that are attacked, all real, and beside the attackers a healthy client with a steady stream of messages. */
export interface Scene {
  readonly redis: RedisServer;
  readonly gateway: Service;
  readonly admin: Service;
  readonly services: readonly Service[];
  readonly witness: Worker<WitnessCommands>;
}

export const ADMIN_TOKEN = "the-right-token-of-an-operator";

const STREAM_PER_SECOND = 50;

/** Enough of a past that reading it is work. */
const PAST_MESSAGES = 2_000;
const PAST_MESSAGE_BYTES = 600;
/** A topic that attackers read the past of. */
export const PAST_TOPIC = "token_updates";

/** What all services of a scene are told. */
export const commonEnv = (redisUrl: string): Readonly<Record<string, string>> => ({
  REDIS_URL: redisUrl,
  TOPIC_RETENTION: "notifications=20000",
});

/** Attackers have many addresses, and come at once: what limits one address must not be what saves the service. */
const GATEWAY_ENV = {
  WEBSOCKET_MAX_CONNECTIONS_PER_IP: "0",
  WEBSOCKET_MAX_CONNECTIONS_PER_USER: "0",
  WEBSOCKET_CONNECTS_PER_SECOND: "0",
  SHUTDOWN_DRAIN_SECONDS: "1",
};

/** Starts a scene, and ends it whatever happens in between. */
export async function withScene<Result>(play: (scene: Scene) => Promise<Result>): Promise<Result> {
  const putAways: (() => Promise<void>)[] = [];
  try {
    // What was acknowledged is there after a crash.
    const redis = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    putAways.push(() => redis.stop());
    const starting = {
      gateway: createService("gateway", { ...commonEnv(redis.url), ...GATEWAY_ENV }),
      admin: createService("admin", { ...commonEnv(redis.url), ADMIN_TOKEN, ADMIN_HOST: "127.0.0.1" }),
      witness: startWorker<WitnessCommands>(new URL("support/witness-worker.ts", import.meta.url)),
    };
    for (const each of Object.values(starting)) {
      putAways.push(async () => {
        await (await each).stop();
      });
    }
    const { gateway, admin, witness } = {
      gateway: await starting.gateway,
      admin: await starting.admin,
      witness: await starting.witness,
    };
    await witness.call("open", { redisUrl: redis.url, gatewayPort: gateway.port });
    await witness.call("fill", PAST_TOPIC, PAST_MESSAGES, PAST_MESSAGE_BYTES);
    await witness.call("stream", STREAM_PER_SECOND);
    return await play({ redis, gateway, admin, services: [gateway, admin], witness });
  } finally {
    for (const putAway of putAways.reverse()) await putAway().catch(() => {});
  }
}
