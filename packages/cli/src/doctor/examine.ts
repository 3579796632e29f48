import { addressesOf } from "./addresses.ts";
import { createAdminService, doctorMessage, type AdminService, type AdminView } from "./admin-service.ts";
import type { RedisInspector } from "@commcoin/broker/inspect";
import { error, skipped, wordsOf, type Check } from "./check.ts";
import { checkClocks } from "./check-clocks.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { checkGateways } from "./check-gateways.ts";
import { checkNodes } from "./check-nodes.ts";
import { checkServers, isUnsettled } from "./check-servers.ts";
import { followedChain, type ClusterServer } from "./cluster.ts";
import { hostOf, lookAtNode } from "./look-at-node.ts";
import { lookAtRedis, type RedisView } from "./look-at-redis.ts";
import { readTargets, type DoctorOptions, type Targets } from "./targets.ts";
import { prepareToken, type DoctorToken } from "./token.ts";
import { readVariables, type Variables } from "./variables.ts";

/** Longer than a heartbeat's interval: what was about to change has changed. */
const SETTLE_MS = 3_300;
const ADDRESS_TRIES = 4;

type Environment = Readonly<Record<string, string | undefined>>;

/** Parts of an examination, in the order in which they are shown; each is told as soon as it is known. */
export type Tell = (part: Part, checks: readonly Check[]) => void;
export const PARTS = [
  "configuration",
  "token",
  "redis",
  "nodes",
  "admin",
  "servers",
  "clocks",
  "gateways",
] as const;
export type Part = (typeof PARTS)[number];

interface Place {
  readonly variables: Variables;
  readonly targets: Targets;
  readonly options: DoctorOptions;
}

/** The admin service that was named, or that of this machine, or else one that the registry knows. */
async function findAdmin(
  { targets: { adminUrl, adminIsGiven, adminToken } }: Place,
  servers: Promise<readonly ClusterServer[] | null>,
): Promise<{ readonly admin: AdminService; readonly view: AdminView | null }> {
  const at = async (url: string) => {
    const admin = createAdminService({ url, token: adminToken });
    return { admin, view: await admin.view() };
  };
  const first = await at(adminUrl);
  if (first.view !== null || adminIsGiven) return first;
  const registered = ((await servers) ?? []).filter(({ service }) => service === "admin");
  const addresses = registered.flatMap(addressesOf).slice(0, ADDRESS_TRIES);
  const others = await Promise.all(addresses.map((address) => at(`http://${address}`)));
  return others.find(({ view }) => view !== null) ?? first;
}

function nodesReport(
  { variables, options }: Place,
  servers: Promise<readonly ClusterServer[] | null>,
): Promise<readonly Check[]> {
  const skip = (why: string): Promise<readonly Check[]> => Promise.resolve([skipped("solana.http", why)]);
  if (!options.services.includes("listener")) return skip("this environment is not a listener's");
  if (variables.TRANSACTION_LISTENER_ENABLED === false)
    return skip("TRANSACTION_LISTENER_ENABLED is false here");
  const { nodes, COMMCOIN_PROGRAM_ID: programId = "" } = variables;
  if (nodes.length === 0) return skip("SOLANA_RPC_URL or SOLANA_WS_URL cannot be read");
  return (async () => {
    const facts = await Promise.all(
      nodes.map(async (node) => ({
        facts: await lookAtNode(node, programId),
        wsName: node.wsUrl === null ? null : hostOf(node.wsUrl),
      })),
    );
    const known = (await servers) ?? [];
    const listensElsewhere = known.some(({ listener }) =>
      listener?.sources.some(({ state }) => state === "live"),
    );
    const isSilent = facts.every(({ facts: { slots } }) => slots[0].kind === "unreachable");
    if (!variables.isSet("SOLANA_RPC_URL") && isSilent && listensElsewhere)
      return [
        skipped("solana.http", "SOLANA_RPC_URL is not set here, and the listeners have nodes that are live"),
      ];
    return checkNodes(facts, {
      programId,
      followsProgram: variables.TRANSACTION_LISTENER_PROGRAM !== false,
      followed: followedChain(known),
      now: Date.now(),
    });
  })();
}

/** Whether what is looked at from two sides is one deployment. */
function checkDeployment(
  { variables }: Place,
  view: AdminView | null,
  registry: readonly ClusterServer[] | null,
): readonly Check[] {
  const id = "configuration.deployment";
  const remedy =
    "name the admin service of this environment (--admin, COMMCOIN_ADMIN_URL), or correct REDIS_URL.";
  if (view === null) return [];
  if (view.broker === "memory" && variables.isSet("REDIS_URL") && variables.MESSAGE_BROKER_ENABLED !== false)
    return [
      error(id, {
        subject: "REDIS_URL",
        says: "it is set here, and the admin service belongs to a single process that uses no Redis",
        means:
          "two deployments are looked at, or the process was started without MESSAGE_BROKER_ENABLED or REDIS_URL as they are here.",
        remedy,
      }),
    ];
  if (view.broker === "redis" && variables.MESSAGE_BROKER_ENABLED === false)
    return [
      error(id, {
        subject: "MESSAGE_BROKER_ENABLED",
        says: "it is false here, and the admin service uses Redis",
        means: "this environment is not that of the services.",
        remedy: "set MESSAGE_BROKER_ENABLED and REDIS_URL as the services have them.",
      }),
    ];
  if (registry === null) return [];
  const instances = new Set(view.servers.map(({ instance }) => instance));
  if (instances.size === 0 || registry.some(({ instance }) => instances.has(instance))) return [];
  return [
    error(id, {
      subject: "REDIS_URL",
      says: "the admin service knows other servers than this Redis: it uses another one, or another database",
      means: "what is published through it does not reach the gateways of this Redis.",
      remedy: "give all services the same REDIS_URL, its database included.",
    }),
  ];
}

/** What Redis needs not be, or cannot be, looked at for; null where it was. */
function withoutRedis({ variables }: Place, redis: RedisView | null, view: AdminView | null): string | null {
  if (variables.MESSAGE_BROKER_ENABLED === false)
    return "MESSAGE_BROKER_ENABLED is false: the single process needs none";
  if (redis === null) return "REDIS_URL cannot be read";
  if (variables.isSet("REDIS_URL")) return null;
  if (view?.broker === "memory") return "the services are a single process, which needs none";
  const isAway = redis.inspector === null;
  return isAway && view?.broker === "redis"
    ? "REDIS_URL is not set here, and there is none on this machine"
    : null;
}

/** How the doctor publishes: as operators do, else as services do; null where it can do neither. */
function publisherOf(
  { targets: { adminToken } }: Place,
  admin: AdminService | null,
  redis: RedisInspector | null,
): ((topic: string, id: string) => Promise<string | null>) | null {
  const byAdmin = admin !== null && adminToken !== undefined ? admin : null;
  if (byAdmin === null && redis === null) return null;
  return async (topic, id) => {
    const refusal = byAdmin === null ? "" : await byAdmin.publish(topic, id);
    if (refusal === null || redis === null) return refusal;
    return redis.publish({ topic, type: "Notification", id, data: doctorMessage }).then(
      () => null,
      (reason: unknown) => wordsOf(reason),
    );
  };
}

/** What is known once Redis and the admin service have answered, or have not. */
interface Seen {
  readonly admin: AdminService;
  readonly view: AdminView | null;
  /** null where there is none, or it is not to be looked at. */
  readonly redis: RedisView | null;
  readonly servers: readonly ClusterServer[] | null;
}

/** The servers, looked at once more where something was about to change. */
async function settle({ admin, redis, servers }: Seen): Promise<readonly ClusterServer[] | null> {
  if (servers === null || !isUnsettled(servers)) return servers;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const later = (await redis?.servers()) ?? (await admin.view())?.servers ?? null;
  if (later === null) return servers;
  // One that was silent and fell out of the registry meanwhile has not left it in good order.
  const instances = new Set(later.map(({ instance }) => instance));
  return [
    ...later,
    ...servers.filter(({ health, instance }) => health === "suspect" && !instances.has(instance)),
  ];
}

async function examineServers(place: Place, token: DoctorToken, seen: Seen, tell: Tell): Promise<void> {
  const { admin, view, redis } = seen;
  const { targets } = place;
  const servers = await settle(seen);
  const nodes = redis?.inspection?.nodes ?? [];
  tell(
    "clocks",
    checkClocks({
      redisAheadMs: new Map(nodes.map(({ name, clockAheadMs }) => [name, clockAheadMs])),
      adminAheadMs: view?.clockAheadMs ?? null,
      servers: servers ?? [],
    }),
  );
  const judging = (
    servers === null
      ? Promise.resolve([
          skipped("servers.registered", "neither the admin service nor Redis tells which servers there are"),
        ])
      : checkServers(servers, redis?.checks.some(({ status }) => status === "error") === true)
  ).then((checks) => tell("servers", checks));
  const gateways = (servers ?? []).filter(({ service }) => service === "gateway");
  const isLocal = targets.gateways.length === 0 && servers === null;
  tell(
    "gateways",
    await checkGateways({
      gateways,
      given: isLocal ? [targets.localGateway] : targets.gateways,
      isGuess: isLocal,
      token: token.token,
      noToken: token.reason,
      publish: publisherOf(place, view === null ? null : admin, redis?.inspector ?? null),
      silent: view === null || gateways.length === 0 ? Promise.resolve(null) : admin.silentGateways(),
    }),
  );
  await judging;
}

/** Looks at everything at once, each thing as soon as what it needs is known. Ends within some 20 s. */
export async function examine(env: Environment, options: DoctorOptions, tell: Tell): Promise<void> {
  const variables = readVariables(env);
  const place: Place = { variables, options, targets: readTargets(env, variables, options) };
  const isSingle = variables.MESSAGE_BROKER_ENABLED === false;
  const { REDIS_URL } = variables;

  const lookingAtRedis = isSingle || REDIS_URL === undefined ? Promise.resolve(null) : lookAtRedis(REDIS_URL);
  const readingRegistry = lookingAtRedis.then((redis) => redis?.servers() ?? null);
  const findingAdmin = findAdmin(place, readingRegistry);
  const preparingToken = prepareToken(variables, options.accessToken);
  const redis = await lookingAtRedis;
  try {
    const readingServers = Promise.all([readingRegistry, findingAdmin]).then(
      ([registry, { view }]) => registry ?? view?.servers ?? null,
    );
    const nodes = nodesReport(place, readingServers).then((checks) => tell("nodes", checks));
    const { admin, view } = await findingAdmin;
    const registry = await readingRegistry;
    const noRedis = withoutRedis(place, redis, view);
    tell("configuration", [
      ...checkConfiguration(env, {
        services: options.services,
        single: isSingle || view?.broker === "memory",
      }),
      ...place.targets.checks,
      ...checkDeployment(place, view, noRedis === null ? registry : null),
    ]);
    tell(
      "redis",
      noRedis === null && redis !== null ? redis.checks : [skipped("redis.connection", noRedis ?? "")],
    );
    const judgingAdmin = admin.checks().then((checks) => tell("admin", checks));
    const token = await preparingToken;
    tell("token", token.checks);
    const seen: Seen = {
      admin,
      view,
      redis: noRedis === null ? redis : null,
      servers: noRedis === null ? (registry ?? view?.servers ?? null) : (view?.servers ?? null),
    };
    await Promise.all([examineServers(place, token, seen, tell), nodes, judgingAdmin]);
  } finally {
    await redis?.inspector?.close();
  }
}
