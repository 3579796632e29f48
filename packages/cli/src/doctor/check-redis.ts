import type { InspectedNode, RedisInspection } from "@commcoin/broker/inspect";
import { error, ok, skipped, span, warning, type Check } from "./check.ts";

const MIN_VERSION = [6, 2] as const;
const MIN_CLUSTER_VERSION = [7, 0] as const;
const MEBIBYTE = 1_048_576;
const BUFFER = { hard: 256 * MEBIBYTE, soft: 64 * MEBIBYTE, text: "256mb 64mb 30" } as const;
const NEARLY_FULL = 0.85;
const FAR_MS = 50;

const SETTINGS_PAGE = "docs/deployment.md, Redis";
const set = (setting: string): string =>
  `redis-cli CONFIG SET ${setting}, and the same in redis.conf, or in the parameter group of a cloud.`;

const number = ({ info }: InspectedNode, field: string): number => Number(info.get(field) ?? Number.NaN);
const mebibytes = (bytes: number): string => `${Number((bytes / MEBIBYTE).toPrecision(3))} MiB`;

type CheckNode = (node: InspectedNode, inspection: RedisInspection) => Check | null;

const version: CheckNode = (node) => {
  const text = node.info.get("redis_version") ?? "unknown";
  const clustered = node.info.get("cluster_enabled") === "1";
  const [major, minor] = clustered ? MIN_CLUSTER_VERSION : MIN_VERSION;
  const [a = 0, b = 0] = text.split(".").map(Number);
  if (a > major || (a === major && b >= minor))
    return ok("redis.version", `version ${text}, ${span(node.roundTripMs)} away`);
  return error("redis.version", {
    says: `version ${text} is too old`,
    means:
      "scripts and commands that the services need are missing or different: what happens is not tested.",
    remedy: `install Redis ${major}.${minor} or later${clustered ? ", which a cluster needs" : ""}.`,
  });
};

const distance: CheckNode = ({ roundTripMs }) =>
  roundTripMs < FAR_MS
    ? null
    : warning("redis.connection", {
        says: `a round trip takes ${span(roundTripMs)} at best`,
        means: "every message is late by that, and publishing is slow.",
        remedy:
          "run Redis in the same network as the services; look at redis-cli --latency, at SLOWLOG GET, and at swapping.",
      });

const appendOnly: CheckNode = (node, { replicated }) => {
  if (node.info.get("aof_enabled") === "1") {
    return node.settings?.get("appendfsync") === "no"
      ? warning("redis.append-only", {
          says: "appendfsync is no",
          means:
            "a crash of its machine loses half a minute of messages; clients are told that they lost them.",
          remedy: set("appendfsync everysec"),
        })
      : ok("redis.append-only", "the append-only file is on: positions survive a restart");
  }
  const replicas = number(node, "connected_slaves");
  if (replicated && replicas > 0)
    return ok("redis.append-only", "the append-only file is off, and replicas stand in for it");
  return warning("redis.append-only", {
    says: "the append-only file is off (appendonly no)",
    means:
      "a restart of Redis loses all messages and positions: every client is told `reset` and misses what came meanwhile.",
    remedy: set("appendonly yes"),
  });
};

const eviction: CheckNode = ({ info }) => {
  const policy = info.get("maxmemory_policy") ?? "unknown";
  if (policy === "noeviction") return ok("redis.eviction", "maxmemory-policy is noeviction");
  const evicted = Number(info.get("evicted_keys") ?? 0);
  return error("redis.eviction", {
    says: `maxmemory-policy is ${policy}${evicted > 0 ? `, and ${evicted} keys were evicted` : ""}`,
    means:
      "when memory runs out, Redis drops histories and known ids in silence: messages are lost or told twice.",
    remedy: set("maxmemory-policy noeviction"),
  });
};

const outputBuffer: CheckNode = ({ settings }) => {
  const text = settings?.get("client-output-buffer-limit");
  const [, hardText, softText, seconds] = /pubsub (\d+) (\d+) (\d+)/.exec(text ?? "") ?? [];
  if (hardText === undefined) {
    return skipped(
      "redis.output-buffer",
      `client-output-buffer-limit cannot be read: CONFIG GET is refused; it should be pubsub ${BUFFER.text}`,
    );
  }
  const [hard, soft] = [Number(hardText), Number(softText)];
  const isEnough = (limit: number, least: number): boolean => limit === 0 || limit >= least;
  if (isEnough(hard, BUFFER.hard) && isEnough(soft, BUFFER.soft))
    return ok(
      "redis.output-buffer",
      "client-output-buffer-limit pubsub leaves room for a gateway that stalls",
    );
  return warning("redis.output-buffer", {
    says: `client-output-buffer-limit pubsub is ${mebibytes(hard)}, ${mebibytes(soft)} for ${seconds} s`,
    means: "a gateway that stalls for a moment is cut off, and all its topics are read from history again.",
    remedy: set(`client-output-buffer-limit "pubsub ${BUFFER.text}"`),
  });
};

const memory: CheckNode = (node) => {
  if (node.refusal?.startsWith("OOM") === true) return null;
  const [used, limit] = [number(node, "used_memory"), number(node, "maxmemory")];
  const room = limit > 0 ? limit : number(node, "total_system_memory");
  const whole = limit > 0 ? "maxmemory" : "the machine's memory; maxmemory is not set";
  if (!(room > 0) || used < NEARLY_FULL * room)
    return ok("redis.memory", `${mebibytes(used)} used${room > 0 ? ` of ${mebibytes(room)}, ${whole}` : ""}`);
  return warning("redis.memory", {
    says: `nearly full: ${mebibytes(used)} used of ${mebibytes(room)}, ${whole}`,
    means:
      limit > 0
        ? "once it is full, Redis refuses whatever is published, and heartbeats: nothing new reaches anybody."
        : "the system begins to swap, or ends Redis.",
    remedy: `raise maxmemory to twice the estimate of ${SETTINGS_PAGE}, on a machine that has it; lower TOPIC_RETENTION.`,
  });
};

const REFUSALS: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [
    /^OOM/,
    `${set("maxmemory <bytes>")} Twice the estimate of ${SETTINGS_PAGE}. Messages expire within ten minutes by themselves: look for other tenants with redis-cli --bigkeys.`,
  ],
  [/^READONLY/, "REDIS_URL leads to a replica: name the primary, or the sentinels (redis+sentinel://)."],
  [
    /^MISCONF/,
    'it cannot write its files: look at the disk and at its log; without RDB files, redis-cli CONFIG SET save "".',
  ],
  [/^NOREPLICAS/, "too few replicas are connected for min-replicas-to-write: bring them back, or lower it."],
  [/^NOPERM/, `give the user of REDIS_URL the rights that ${SETTINGS_PAGE} names.`],
  [/^LOADING/, "wait until it has loaded its data."],
  [/^BUSY/, "a script of somebody else blocks it: redis-cli SCRIPT KILL."],
  [/^(?:CLUSTERDOWN|MASTERDOWN)/, "bring its masters back: redis-cli CLUSTER INFO."],
];

const writes: CheckNode = (node) => {
  const { refusal } = node;
  if (refusal === null) return ok("redis.writes", "it stores what is written");
  const [used, limit] = [number(node, "used_memory"), number(node, "maxmemory")];
  const full = refusal.startsWith("OOM") ? `full (${mebibytes(used)} used of ${mebibytes(limit)}): ` : "";
  return error("redis.writes", {
    says: `${full}it refuses what is written: ${refusal}`,
    means: "nothing can be published, and servers fall out of the registry.",
    remedy:
      REFUSALS.find(([pattern]) => pattern.test(refusal))?.[1] ?? `look at its log and at ${SETTINGS_PAGE}.`,
  });
};

const replicas: CheckNode = ({ info, settings, refusal }) => {
  if (info.get("role") === "slave")
    return error("redis.replicas", {
      says: "it is a replica",
      means: "it takes no writes: nothing can be published.",
      remedy: "name the primary in REDIS_URL, or the sentinels (redis+sentinel://host:26379/group).",
    });
  const wanted = Number(settings?.get("min-replicas-to-write") ?? 0);
  const good = Number(info.get("min_slaves_good_slaves") ?? info.get("connected_slaves") ?? 0);
  if (wanted === 0 || refusal?.startsWith("NOREPLICAS") === true) return null;
  if (good > wanted) return ok("redis.replicas", `${good} replicas, ${wanted} are needed`);
  return good === wanted
    ? warning("redis.replicas", {
        says: `${good} replicas are connected, and min-replicas-to-write is ${wanted}`,
        means: "when one more is lost, Redis refuses whatever is published.",
        remedy: "add a replica, or lower min-replicas-to-write.",
      })
    : error("redis.replicas", {
        says: `${good} replicas are connected, and min-replicas-to-write is ${wanted}`,
        means: "Redis refuses whatever is published.",
        remedy: "bring the replicas back, or lower min-replicas-to-write.",
      });
};

const messages: CheckNode = ({ deafness }) =>
  deafness === null
    ? ok("redis.messages", "a message that is published arrives on a subscription")
    : error("redis.messages", {
        says: `a message that is published does not arrive: ${deafness}`,
        means: "gateways with this REDIS_URL hear nothing: their clients stand still.",
        remedy: /^NOPERM|permission/.test(deafness)
          ? `the user of REDIS_URL lacks channels or rights: give it those that ${SETTINGS_PAGE} names (resetchannels &commcoin:*).`
          : "look at what stands between here and Redis: a proxy that does not carry subscriptions, a firewall; name Redis itself in REDIS_URL.",
      });

const clients: CheckNode = (node) => {
  const [connected, most] = [number(node, "connected_clients"), number(node, "maxclients")];
  if (!(connected >= NEARLY_FULL * most)) return null;
  return warning("redis.clients", {
    says: `${connected} of ${most} connections are taken (maxclients)`,
    means: "the next service that starts or comes back is refused.",
    remedy: "raise maxclients and the open files of Redis; find who holds them with redis-cli CLIENT LIST.",
  });
};

const CHECKS: readonly CheckNode[] = [
  version,
  distance,
  messages,
  writes,
  memory,
  eviction,
  appendOnly,
  outputBuffer,
  replicas,
  clients,
];

/** What Redis is like, node by node. */
export function checkRedis(inspection: RedisInspection): readonly Check[] {
  const { nodes, problems, display } = inspection;
  const named = nodes.length > 1;
  return [
    ok("redis.connection", `${display} answers`),
    ...problems.map((says) =>
      error("redis.cluster", {
        says,
        means: "services cannot use it as they should, or topics that lie there stand still.",
        remedy:
          "bring back what is away (redis-cli --cluster check <host:port> says what is missing), or do what it says.",
      }),
    ),
    ...nodes.flatMap((node) =>
      CHECKS.flatMap((look) => {
        const found = look(node, inspection);
        return found === null ? [] : [named ? { ...found, subject: node.name } : found];
      }),
    ),
  ];
}

const CAUSES: readonly (readonly [pattern: RegExp, says: string | null, remedy: string])[] = [
  [
    /NOAUTH/,
    "it wants a password, and there is none in REDIS_URL",
    "write it into REDIS_URL: redis://:password@host:6379, percent-encoded.",
  ],
  [
    /WRONGPASS|invalid password|AUTH failed|invalid username/i,
    "it refuses user or password",
    "correct user and password in REDIS_URL (special characters percent-encoded); redis-cli ACL WHOAMI.",
  ],
  [/NOPERM/, null, `give the user of REDIS_URL the rights that ${SETTINGS_PAGE} names.`],
  [
    /RESP type|Protocol error/,
    "what answers there is no Redis",
    "correct host and port in REDIS_URL; TLS wants rediss://, none redis://.",
  ],
  [/ENOTFOUND|EAI_AGAIN/, null, "correct the host in REDIS_URL, or the name server."],
  [
    /certificate|self.signed|altnames|ssl|tls|wrong version number/i,
    null,
    "name the authority in NODE_EXTRA_CA_CERTS and a host that the certificate is made out to; without TLS, write redis:// instead of rediss://.",
  ],
  [
    /no answer/,
    null,
    "is it the right port, and is a firewall between? TLS wants rediss://, none redis://. A Redis that hangs: its log, SLOWLOG GET.",
  ],
];

/** What keeps Redis from being looked at. */
export function redisAway(display: string, reason: string): Check {
  const [, says, remedy] = CAUSES.find(([pattern]) => pattern.test(reason)) ?? [
    null,
    null,
    'start it, or correct REDIS_URL; from here: redis-cli -u "$REDIS_URL" ping',
  ];
  return error("redis.connection", {
    says: `${display}: ${says ?? reason}`,
    means: "services with this REDIS_URL carry no message.",
    remedy,
  });
}
