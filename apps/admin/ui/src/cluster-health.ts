import type { Listeners, Server } from "./api/types.ts";
import { formatDuration } from "./format.ts";

/** Slots come every 0.4 s; a node that announces none for so long has stopped, or cannot be reached. */
const SLOT_SILENCE_MS = 15_000;
/** What a synchronised clock never is off by, and times of messages would be seen to be. */
const CLOCK_SKEW_MAX_MS = 2_000;

type Listener = Listeners["listeners"][number];

const nameOf = ({ server_id, service }: Pick<Server, "server_id" | "service">): string =>
  `${service} ${server_id}`;

function problemsOfServer(server: Server): readonly string[] {
  const { superseded, clock_skew_ms } = server;
  const name = nameOf(server);
  const skew = formatDuration(Math.abs(clock_skew_ms ?? 0));
  return [
    ...problemsOfState(server),
    ...(superseded > 0
      ? [`Another process uses the id of the ${name}: each needs a SERVER_ID of its own.`]
      : []),
    ...(Math.abs(clock_skew_ms ?? 0) > CLOCK_SKEW_MAX_MS
      ? [
          `The clock of the ${name} is ${skew} ${Number(clock_skew_ms) > 0 ? "ahead of" : "behind"} the broker's.`,
        ]
      : []),
  ];
}

function problemsOfState(server: Server): readonly string[] {
  const name = nameOf(server);
  if (server.health === "suspect")
    return [`The ${name} has sent no heartbeat for ${Math.round(server.age_ms / 1_000)} s.`];
  if (server.state === "not_ready") return [`The ${name} is not ready; its /readyz says why.`];
  return server.state === "draining" ? [`The ${name} is draining.`] : [];
}

function problemsOfLeader({ server_id, status }: Listener): readonly string[] {
  const problems: string[] = [];
  for (const { name, state, streams } of status?.sources ?? []) {
    if (state === "off" || state === "idle") continue;
    if (state !== "live")
      problems.push(`The source ${name} of ${server_id} is ${state.replaceAll("_", " ")}.`);
    else if (streams.every(({ slot_age_ms }) => slot_age_ms !== null && slot_age_ms > SLOT_SILENCE_MS))
      problems.push(`No node has told ${server_id} of a new slot for the source ${name} lately.`);
  }
  return problems;
}

function problemsOfListeners(listeners: readonly Listener[]): readonly string[] {
  if (listeners.length === 0) return ["No listener is in the registry: nothing of the chain is published."];
  const known = listeners.flatMap(({ status }) => status ?? []);
  const leaders = listeners.filter(({ status }) => status?.role === "leader");
  if (leaders.length > 0) return leaders.flatMap(problemsOfLeader);
  // Those that are switched off are meant to be, and those of another version may lead.
  const mayLead = known.length < listeners.length || known.every(({ role }) => role === "off");
  return mayLead ? [] : ["No listener leads: nothing of the chain is published."];
}

/**
 * What is wrong with the cluster, a sentence each; none when all is well.
 * @param listeners undefined while they are not known.
 */
export function clusterProblems(
  servers: readonly Server[],
  listeners: readonly Listener[] | undefined,
): readonly string[] {
  const noGateway = servers.every(({ service }) => service !== "gateway");
  return [
    ...(noGateway ? ["No gateway is in the registry: clients cannot connect."] : []),
    ...servers.flatMap(problemsOfServer),
    ...(listeners === undefined ? [] : problemsOfListeners(listeners)),
  ];
}

/** How many servers of each service there are, in words. */
export function countServers(servers: readonly Server[]): string {
  return (["gateway", "listener", "admin"] as const)
    .map((service) => {
      const count = servers.filter((server) => server.service === service).length;
      return `${count} ${service}${count === 1 ? "" : "s"}`;
    })
    .join(", ");
}
