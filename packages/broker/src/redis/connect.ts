import { isIP } from "node:net";
import { createBackoff, type Backoff } from "@commcoin/service/lifecycle";
import { Redis } from "ioredis";
import type { RedisAddress } from "@commcoin/service/config";
import type { HostAndPort } from "./cluster-map.ts";
import { scriptsFor } from "./scripts.ts";

/** How long a connection may take to come about. */
const CONNECT_TIMEOUT_MS = 3_000;
/**
 * A connection that owes an answer and stays silent for so long is dead. Whatever was sent on it fails then, and may be
 * sent again.
 */
const ANSWER_TIMEOUT_MS = 5_000;
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 2_000;
/** Where nobody listens, an attempt costs nobody anything: whoever begins to listen there is found at once. */
const REFUSED_MAX_MS = 100;
/** How often a Redis that loads its data is asked whether it has done so. */
const LOADING_RETRY_MS = 100;
/** So often at most a connection is made anew because the master turned out to be a replica. */
const DEMOTED_RETRY_MS = 1_000;
const TCP_KEEPALIVE_MS = 10_000;
/** How long a closed connection may linger before it is cut. */
const DISCONNECT_TIMEOUT_MS = 500;

const ignore = (): void => {};

/**
 * ioredis listens to a socket's first error only, and TLS sockets tell a second one (a refused certificate, then the alert of
 * a server that was hung up on), which would end the process.
 */
function tolerateErrors(redis: Redis): void {
  // Not there before the first connection is tried, whatever its type says.
  const stream = redis.stream as Redis["stream"] | undefined;
  stream?.off("error", ignore).on("error", ignore);
}

/**
 * Behind Sentinel, ioredis ends a connection for good when it hears of a failover while it is looking for the master: it is
 * opened again. One that never was ready belongs to whoever opens it; one that was disconnected on purpose stays away.
 */
function comeBack(redis: Redis, backoff: Backoff): void {
  const disconnect = redis.disconnect.bind(redis);
  let wanted = false;
  redis.disconnect = (reconnect = false) => {
    wanted &&= reconnect;
    disconnect(reconnect);
  };
  redis.on("ready", () => {
    wanted = true;
  });
  redis.on("end", () => {
    if (!wanted) return;
    setTimeout(() => {
      if (wanted && redis.status === "end") redis.connect().catch(ignore);
    }, backoff.next());
  });
}

/**
 * How long to wait before the next attempt: at random, so that many that lost their connections together do not come back
 * together, and longer and longer where attempts are work for the other side.
 */
function createPauses(): Backoff & { readonly failed: (error: Error & { readonly code?: string }) => void } {
  const refused = createBackoff({ minMs: RECONNECT_MIN_MS, maxMs: REFUSED_MAX_MS });
  const others = createBackoff({ minMs: RECONNECT_MIN_MS, maxMs: RECONNECT_MAX_MS });
  let nobodyListens = false;
  return {
    failed({ code }) {
      nobodyListens = code === "ECONNREFUSED";
    },
    next() {
      const pause = (nobodyListens ? refused : others).next();
      nobodyListens = false;
      return pause;
    },
    reset() {
      refused.reset();
      others.reset();
    },
  };
}

/** Told by a connection when a write was refused because the master has become a replica. */
export const DEMOTED = "demoted";

/** A master that was demoted refuses writes: the new one is found by connecting again. */
function leavingDemoted(told: (error: Error) => void): (error: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!error.message.startsWith("READONLY")) return false;
    told(error);
    if (performance.now() - leftAt < DEMOTED_RETRY_MS) return false;
    leftAt = performance.now();
    return true;
  };
}

/**
 * Creates a connection that is not open yet. Once opened it comes back by itself whenever it breaks. Nothing is queued or
 * sent twice behind our back: a command fails while there is no connection, and fails when its connection breaks.
 * @param at a node of a cluster; null for the Redis that the address means.
 */
export function createConnection(
  address: RedisAddress,
  at: HostAndPort | null,
  connectionName: string,
): Redis {
  const pauses = createPauses();
  const [first] = address.hosts;
  // Nodes of a cluster that tell numbers only: their certificate is made out to the name that leads to the cluster.
  const servername = at !== null && isIP(at.host) !== 0 && first !== undefined && isIP(first.host) === 0;
  const tls = address.tls ? { tls: servername ? { servername: first.host } : {} } : {};
  const access = {
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.password === null ? {} : { password: address.password }),
  };
  const target =
    address.sentinelGroup === null
      ? { host: (at ?? first)?.host ?? "localhost", port: (at ?? first)?.port ?? 6_379, ...tls }
      : {
          sentinels: [...address.hosts],
          name: address.sentinelGroup,
          failoverDetector: true,
          ...tls,
          ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
        };
  const redis: Redis = new Redis({
    ...target,
    ...access,
    db: address.db,
    connectionName,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    keepAlive: TCP_KEEPALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: () => pauses.next(),
    maxLoadingRetryTime: LOADING_RETRY_MS,
    reconnectOnError: leavingDemoted((error) => redis.emit(DEMOTED, error)),
    scripts: scriptsFor(address.cluster),
  });
  redis.on("ready", () => pauses.reset());
  comeBack(redis, pauses);
  redis.on("error", (error) => {
    pauses.failed(error);
    tolerateErrors(redis);
  });
  redis.on("connect", () => tolerateErrors(redis));
  return redis;
}
