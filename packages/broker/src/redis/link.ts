import { setTimeout as delay } from "node:timers/promises";
import { StartError, type Clock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Redis } from "ioredis";
import type { RedisAddress } from "@commcoin/service/config";
import type { Nodes } from "./nodes.ts";

/** How long a start waits for a Redis that is about to come up. */
const START_TIMEOUT_MS = 8_000;
const TICK_MS = 500;
const PING_INTERVAL_MS = 3_000;
/** A round trip takes less than a millisecond; whoever waits so long for one is in trouble. */
const PING_LATE_MS = 2_000;

/** The state of the connections to a Redis, or to all masters of a cluster, as a whole. */
export interface Link {
  /** Opens the connections. @throws {StartError} */
  start(): Promise<void>;
  /** Watches one more connection. */
  attach(redis: Redis): void;
  /** null when every connection works and was proved to a moment ago. */
  problem(): string | null;
  watch(listener: (problem: string | null) => void): () => void;
  /** Looks at everything again, because something may have changed. */
  update(): void;
  close(): void;
}

const REFUSED_FOR_GOOD = /WRONGPASS|NOAUTH|NOPERM|invalid password|ERR AUTH|DB index is out of range/i;
const NOT_TRUSTED = /certificate|altnames/i;

/** What to do about a failure that waiting does not end; null for others. */
function adviceOn(failure: string): string | null {
  if (REFUSED_FOR_GOOD.test(failure)) return "Check user, password, rights and database in REDIS_URL.";
  if (!NOT_TRUSTED.test(failure)) return null;
  return "Use the name that the certificate is made out to, and name the file of its authority in NODE_EXTRA_CA_CERTS.";
}

interface Ping {
  sentAt: number;
  open: boolean;
}

/**
 * Opens and watches connections; says once when Redis goes away and once when it is back.
 * @param tick is called twice a second, and whenever a connection came about.
 * @param hide takes secrets out of what Redis or a library says.
 * @param cause what is known to be wrong, whatever connections do; null when nothing is.
 * @param details what else can be wrong while the connections are up; null when nothing is. Asked after each tick.
 */
export function createLink({
  nodes,
  address,
  logger,
  clock,
  tick,
  cause,
  details,
  hide,
}: {
  readonly nodes: () => Nodes;
  readonly address: RedisAddress;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tick: () => void;
  readonly cause: () => string | null;
  readonly details: () => string | null;
  readonly hide: (text: string) => string;
}): Link {
  const listeners = new Set<(problem: string | null) => void>();
  const pings = new WeakMap<Redis, Ping>();
  let lastError: string | null = null;
  let starting: Promise<void> | null = null;
  let started = false;
  let closed = false;
  let told: string | null = null;
  let ticker: NodeJS.Timeout | undefined;

  const connections = (): readonly Redis[] =>
    nodes()
      .all()
      .flatMap(({ commands, subscriptions }) => [commands, subscriptions]);
  const reason = (): string => lastError ?? "the connection was closed";
  /** What is wrong once a start was asked for. */
  const trouble = (): string | null => {
    const known = cause();
    if (known !== null) return known;
    const problem = nodes().problem();
    if (problem !== null || connections().some(({ status }) => status !== "ready")) {
      return `No connection to Redis at ${address.display}: ${problem ?? reason()}`;
    }
    return details();
  };
  const find = (): string | null => {
    if (closed) return "The broker was closed.";
    if (!started) return `Not connected to Redis at ${address.display} yet.`;
    for (const connection of connections()) {
      const ping = pings.get(connection);
      if (ping === undefined || connection.status !== "ready") continue;
      const waited = clock.monotonic() - ping.sentAt;
      if (ping.open && waited > PING_LATE_MS) {
        return `Redis at ${address.display} has not answered for ${Math.floor(waited / 1000)} s.`;
      }
    }
    return trouble();
  };

  const update = (): void => {
    if (!started || closed) return;
    const problem = find();
    if ((problem === null) !== (told === null)) {
      if (problem === null) logger.info({ redis: address.display }, "Redis is back");
      else logger.warn({ redis: address.display }, problem);
    }
    if (problem === told) return;
    told = problem;
    for (const listener of listeners) listener(problem);
  };
  const sendPings = (): void => {
    for (const connection of connections()) {
      const ping = pings.get(connection) ?? { sentAt: Number.NEGATIVE_INFINITY, open: false };
      pings.set(connection, ping);
      if (ping.open || connection.status !== "ready" || clock.monotonic() - ping.sentAt < PING_INTERVAL_MS)
        continue;
      ping.sentAt = clock.monotonic();
      ping.open = true;
      const answered = (): void => {
        ping.open = false;
        update();
      };
      connection.ping().then(answered, answered);
    }
  };

  const open = async (): Promise<void> => {
    nodes().open();
    const deadline = clock.monotonic() + START_TIMEOUT_MS;
    for (let problem = trouble(); problem !== null; problem = trouble()) {
      const failure = lastError ?? problem;
      const advice = adviceOn(failure);
      if (closed || advice !== null || clock.monotonic() > deadline) {
        nodes().close();
        throw new StartError(
          `Cannot use Redis at ${address.display}: ${failure}. ` +
            (advice ?? "Start Redis there, or set REDIS_URL to one that all services reach."),
        );
      }
      await delay(5);
    }
    started = true;
    ticker = setInterval(() => {
      sendPings();
      tick();
      update();
    }, TICK_MS);
    sendPings();
  };

  return {
    start() {
      starting ??= open();
      return starting;
    },
    attach(redis) {
      redis.on("error", (error: Error & { code?: string }) => {
        lastError = hide(error.message === "" ? (error.code ?? error.name) : error.message);
        update();
      });
      redis.on("close", update);
      redis.on("ready", () => {
        if (connections().every(({ status }) => status === "ready")) lastError = null;
        tick();
        update();
      });
    },
    problem: find,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    update,
    close() {
      if (closed) return;
      closed = true;
      clearInterval(ticker);
      listeners.clear();
      nodes().close();
    },
  };
}
