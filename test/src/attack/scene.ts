import { startWorker, type Worker } from "@commcoin/harness";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createService, type Service } from "./support/service.ts";
import { token, TOKEN_SECRET } from "./support/tokens.ts";
import type { WitnessCommands } from "./support/witness-worker.ts";

/** The services that are attacked, all real, and beside the attackers a healthy client with a steady stream of messages. */
export interface Scene {
  readonly redis: RedisServer;
  readonly gateway: Service;
  readonly admin: Service;
  readonly services: readonly Service[];
  readonly witness: Worker<WitnessCommands>;
  /** What the query of a connection of this user says of it. */
  readonly query: (user: string) => string;
}

/** How a gateway learns who connects: it believes what it is told, or verifies tokens. */
export type SceneName = "services" | "tokens";

export const ADMIN_TOKEN = "the-right-token-of-an-operator";

const STREAM_PER_SECOND = 50;

/** Enough of a past that reading it is work. */
const PAST_MESSAGES = 2_000;
const PAST_MESSAGE_BYTES = 600;
/** A topic that attackers read the past of. */
export const PAST_TOPIC = "token_updates";

/** Shorter than it is by default, for those that have to wait for it. */
const HEARTBEAT_SECONDS = 10;
/** Who does not answer a ping is closed within this, on a busy machine. */
export const SILENT_ENDED_WITHIN_MS = 2_000 * HEARTBEAT_SECONDS;

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
  WEBSOCKET_HEARTBEAT_INTERVAL: String(HEARTBEAT_SECONDS),
  SHUTDOWN_DRAIN_SECONDS: "1",
};

const TOKEN_ENV = { AUTH_MODE: "jwt", AUTH_JWT_SECRET: TOKEN_SECRET };

/** Starts a scene, and ends it whatever happens in between. */
export async function withScene<Result>(
  name: SceneName,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const identity =
    name === "tokens"
      ? {
          env: TOKEN_ENV,
          query: (user: string) => `token=${token({ sub: user })}`,
          token: token({ sub: "healthy" }),
        }
      : { env: {}, query: (user: string) => `user_id=${user}`, token: null };
  const putAways: (() => Promise<void>)[] = [];
  try {
    // What was acknowledged is there after a crash.
    const redis = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    putAways.push(() => redis.stop());
    const starting = {
      gateway: createService("gateway", { ...commonEnv(redis.url), ...GATEWAY_ENV, ...identity.env }),
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
    await witness.call("open", { redisUrl: redis.url, gatewayPort: gateway.port, token: identity.token });
    await witness.call("fill", PAST_TOPIC, PAST_MESSAGES, PAST_MESSAGE_BYTES);
    await witness.call("stream", STREAM_PER_SECOND);
    return await play({ redis, gateway, admin, services: [gateway, admin], witness, query: identity.query });
  } finally {
    for (const putAway of putAways.reverse()) await putAway().catch(() => {});
  }
}
