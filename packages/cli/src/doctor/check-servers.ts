import { addressesOf } from "./addresses.ts";
import { askHttp } from "./ask-http.ts";
import { error, ok, span, warning, type Check } from "./check.ts";
import { nameOf, type ClusterServer } from "./cluster.ts";

const READINESS_MS = 1_500;
const MAX_LAG_SLOTS = 1_000;
/** As listeners tell of a node what it refused. */
const LIMIT = /\b429\b|rate.?limit|too many requests/i;

/** What `/readyz` says is wrong; nothing where nothing is any more, null where it cannot be asked. */
async function reasonOf(server: ClusterServer): Promise<string | null> {
  const answers = await Promise.all(
    addressesOf(server).map((address) => askHttp(`http://${address}/readyz`, { withinMs: READINESS_MS })),
  );
  for (const answer of answers) {
    if (answer.status === 200) return "";
    if (answer.status !== 503) continue;
    const { checks = {} } = (answer.body ?? {}) as {
      readonly checks?: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
    };
    const wrong = Object.entries(checks).filter(([, { ok: isOk }]) => !isOk);
    if (wrong.length > 0) return wrong.map(([name, { message = "" }]) => `${name}: ${message}`).join(" ");
  }
  return null;
}

async function checkReadiness(server: ClusterServer, redisIsIll: boolean): Promise<Check | null> {
  const subject = nameOf(server);
  if (server.health === "suspect")
    return error("servers.ready", {
      subject,
      says: `its last heartbeat was ${span(server.age_ms)} ago`,
      means: "it is dead, hangs, or cannot reach Redis; others will take it for gone.",
      remedy: redisIsIll
        ? "mend what is found of Redis above: heartbeats come by themselves then."
        : "look at its process and its log, and restart it when it hangs.",
    });
  if (server.state !== "not_ready") return null;
  const reason = await reasonOf(server);
  if (reason === "") return null;
  return error("servers.ready", {
    subject,
    says: `it is not ready${reason === null ? "" : `: ${reason}`}`,
    means: "load balancers send it no clients, or it does not do its work.",
    remedy:
      reason === null
        ? "GET /readyz of it says why; docs/operations.md, Signals, has what each check means."
        : "docs/operations.md, Signals, has what each check means and what to do.",
  });
}

const ids = (servers: readonly ClusterServer[]): readonly Check[] =>
  servers
    .filter(({ superseded }) => superseded > 0)
    .map((server) =>
      error("servers.ids", {
        subject: nameOf(server),
        says: `${server.superseded + 1} processes use this SERVER_ID`,
        means:
          "they take each other's place in the registry: one of them is not seen, not asked and not counted.",
        remedy: "give each its own SERVER_ID, and restart it; or end the process that was forgotten.",
      }),
    );

function versions(servers: readonly ClusterServer[]): readonly Check[] {
  const byVersion = new Map<string, string[]>();
  for (const server of servers) {
    const version = server.process?.version ?? "unknown";
    byVersion.set(version, [...(byVersion.get(version) ?? []), server.server_id]);
  }
  if (byVersion.size <= 1)
    return [ok("servers.versions", `all are version ${[...byVersion.keys()].join("")}`)];
  const told = [...byVersion].map(([version, who]) => `${version} (${who.join(", ")})`).join(", ");
  return [
    warning("servers.versions", {
      says: `they are of several versions: ${told}`,
      means: "they work together while a deploy is under way; what is new may not work everywhere.",
      remedy: "finish the deploy, or look at what it left out.",
    }),
  ];
}

function publisher(listeners: readonly ClusterServer[]): readonly Check[] {
  const id = "servers.publisher";
  const leaders = listeners.filter(({ listener }) => listener?.role === "leader");
  const [leader] = leaders;
  if (listeners.every(({ listener }) => listener === null || listener.role === "off"))
    return [
      warning(id, {
        says:
          listeners.length === 0
            ? "there is no listener"
            : "no listener listens to the chain (TRANSACTION_LISTENER_ENABLED is false)",
        means: "nothing of what happens on the chain is told; what operators publish is.",
        remedy: "start a listener, and a second one that stands by.",
      }),
    ];
  if (leader === undefined || leaders.length > 1)
    return [
      error(id, {
        says:
          leader === undefined
            ? "no listener publishes"
            : `${leaders.length} listeners believe that they publish`,
        means:
          leader === undefined
            ? "clients get nothing new of the chain."
            : "one of them was paused or cut off; what it sends is refused.",
        remedy:
          "GET /readyz of the listeners: `lease` and `takeover` say why; docs/operations.md, Listeners.",
      }),
    ];
  const lag = leader.listener?.lag ?? 0;
  if (lag > MAX_LAG_SLOTS)
    return [
      warning(id, {
        subject: nameOf(leader),
        says: `what is proven complete is ${lag} slots behind`,
        means: "after a takeover clients may get events twice.",
        remedy: "docs/operations.md, Listeners, “The lag grows”.",
      }),
    ];
  const standby = listeners.length - leaders.length;
  return [
    ok(id, `listener ${leader.server_id} publishes, ${standby} ${standby === 1 ? "stands" : "stand"} by`),
  ];
}

/** What listeners say of their nodes, which may not be reachable from here. */
const nodesOf = (server: ClusterServer): readonly Check[] => {
  const status = server.listener;
  if (status === null) return [];
  const subject = nameOf(server);
  const doubted = status.sources.flatMap(({ streams }) => streams).filter((stream) => stream.doubted);
  return [
    ...status.set_aside.map(({ endpoint, chain }) =>
      error("servers.nodes", {
        subject,
        says: `it set ${endpoint} aside, which is of another chain (genesis hash ${chain})`,
        means: "that node stands in for nobody.",
        remedy: "correct its address in the listener's SOLANA_RPC_URL and SOLANA_WS_URL.",
      }),
    ),
    ...status.refusals
      .filter(({ code, message }) => code === 429 || LIMIT.test(message))
      .map(({ endpoint, message, age_ms }) =>
        warning("servers.nodes", {
          subject,
          says: `${endpoint} refused it for too many requests ${span(age_ms)} ago: ${message}`,
          means: "it waits for transactions, and audits fall behind.",
          remedy:
            "a better plan, or TRANSACTION_LISTENER_REQUESTS_PER_SECOND of that listener below the limit.",
        }),
      ),
    ...[...new Set(doubted.map(({ endpoint }) => endpoint))].map((endpoint) =>
      warning("servers.nodes", {
        subject,
        says: `${endpoint} announces transactions that no node knows`,
        means: "what it alone announces is left to the others and to audits.",
        remedy: "change the node.",
      }),
    ),
  ];
};

/**
 * What the registry says of the servers.
 * @param redisIsIll whether something was found of Redis that explains silent servers.
 */
export async function checkServers(
  servers: readonly ClusterServer[],
  redisIsIll: boolean,
): Promise<readonly Check[]> {
  if (servers.length === 0)
    return [
      error("servers.registered", {
        says: "no server is in the registry",
        means: "none runs, or all of them use another Redis or another database of it.",
        remedy: "start the services; compare their REDIS_URL with this one, its database included.",
      }),
    ];
  const gateways = servers.filter(({ service }) => service === "gateway");
  const listeners = servers.filter(({ service }) => service === "listener");
  const readiness = (await Promise.all(servers.map((server) => checkReadiness(server, redisIsIll)))).filter(
    (each) => each !== null,
  );
  const draining = servers.filter(({ state }) => state === "draining").length;
  return [
    gateways.length === 0
      ? error("servers.registered", {
          says: "there is no gateway",
          means: "no client can connect.",
          remedy: "start one; if it runs, it uses another Redis, or cannot reach it: its log says so.",
        })
      : ok(
          "servers.registered",
          `${servers.length} servers: ${servers.map(nameOf).join(", ")}${draining > 0 ? `; ${draining} draining` : ""}`,
        ),
    ...(readiness.length > 0 ? readiness : [ok("servers.ready", "all of them are ready")]),
    ...ids(servers),
    ...versions(servers),
    ...publisher(listeners),
    ...listeners.flatMap(nodesOf),
  ];
}

/** Whether looking again in a moment may show something better: a takeover, a start, a heartbeat that is late. */
export function isUnsettled(servers: readonly ClusterServer[]): boolean {
  const listeners = servers.filter(({ listener }) => listener !== null && listener.role !== "off");
  const leaders = listeners.filter(({ listener }) => listener?.role === "leader").length;
  return (
    (listeners.length > 0 && leaders !== 1) ||
    servers.some(({ health, state }) => health === "suspect" || state === "not_ready")
  );
}
