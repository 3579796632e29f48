import { BrokerUnavailableError } from "@commcoin/broker";
import { PROTOCOL_VERSION } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import { someOf, type QueryError, type ConnectQuery } from "../admission/connect-query.ts";
import type { Closer } from "../connections/closer.ts";
import type { Connection } from "../connections/connection.ts";
import type { Refuse } from "../connections/refuse.ts";
import { connectedFrame, degradedFrame } from "../frames/write-frames.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import { denyTopic, notWatched } from "../handlers/topic-access.ts";
import type { JoinRequest, JoinResult } from "../membership/memberships.ts";
import { BusyError } from "../topics/concurrency-limiter.ts";
import type { ClusterLimits } from "./cluster-limits.ts";
import type { FrameScheduler } from "./frame-scheduler.ts";
import { implicitTopics } from "./implicit-topics.ts";

export interface StartSessionOptions {
  readonly serverId: string;
  readonly heartbeatIntervalSeconds: number;
  /** null where there are none. */
  readonly limits: Pick<ClusterLimits, "enter"> | null;
  readonly handlers: Pick<HandlerContext, "memberships" | "quota" | "extraTopics" | "maxAccounts">;
  /** Takes the frames that came before the first one was sent. */
  readonly scheduler: Pick<FrameScheduler, "schedule">;
  /** Whether something keeps the broker from delivering. */
  readonly brokerIsAway: () => boolean;
  readonly refuse: Refuse;
  readonly closer: Pick<Closer, "close">;
  readonly log: Logger;
}

/** Begins to serve a connection whose user is known. `acknowledge` runs right after the `connected` frame. */
export type StartSession = (connection: Connection, query: ConnectQuery, acknowledge: () => void) => void;

export function createStartSession(options: StartSessionOptions): StartSession {
  const { limits, handlers, scheduler, brokerIsAway, refuse, closer, log } = options;

  const start = async (
    connection: Connection,
    query: ConnectQuery,
    acknowledge: () => void,
  ): Promise<void> => {
    if (limits !== null && !(await limits.enter(connection))) return;
    const { requests, denied } = planJoins(options, connection, query);
    const joined = await handlers.memberships.join(connection, requests, (results) => {
      connection.socket.send(greeting(options, connection, results));
      acknowledge();
    });
    if (!joined) return;
    if (brokerIsAway()) connection.socket.send(degradedFrame());
    const unwatched = requests.filter(
      ({ topic, implicit }) => !implicit && !connection.memberships.has(topic),
    );
    const errors = [...query.errors, ...denied, ...unwatched.map(({ topic }) => notWatched(handlers, topic))];
    for (const { code, message } of someOf(errors)) refuse(connection, undefined, code, message);
    const early = connection.inbox ?? [];
    connection.inbox = null;
    for (const text of early) {
      if (!connection.closed) scheduler.schedule(connection, { text, isLimited: false });
    }
  };

  return (connection, query, acknowledge) => {
    start(connection, query, acknowledge).catch((error: unknown) => {
      const fields = { connection: connection.id, err: error };
      const brokerFailed = error instanceof BrokerUnavailableError || error instanceof BusyError;
      if (brokerFailed) log.debug(fields, "could not be joined to its topics");
      else log.error(fields, "could not be joined to its topics");
      const reason = brokerFailed ? "message broker unavailable" : "internal error";
      closer.close(connection, "forced_reconnect", reason);
    });
  };
}

/** The topics to join, those of the server first, and why the client does not get others that it asked for. */
function planJoins(
  { serverId, handlers }: Pick<StartSessionOptions, "serverId" | "handlers">,
  connection: Connection,
  { subscriptions, since }: ConnectQuery,
): { readonly requests: readonly JoinRequest[]; readonly denied: readonly QueryError[] } {
  const implicit = implicitTopics(serverId, connection);
  const requests: JoinRequest[] = implicit.map((topic) => ({
    topic,
    implicit: true,
    since: since.get(topic),
  }));
  const denied: QueryError[] = [];
  for (const topic of subscriptions) {
    if (implicit.includes(topic)) continue;
    const denial = denyTopic(handlers, connection, topic) ?? handlers.quota.admit(connection, topic);
    if (denial === null) requests.push({ topic, implicit: false, since: since.get(topic) });
    else denied.push(denial);
  }
  return { requests, denied };
}

function greeting(
  { serverId, heartbeatIntervalSeconds }: StartSessionOptions,
  connection: Connection,
  results: readonly JoinResult[],
): string {
  return connectedFrame({
    connection_id: connection.id,
    server_id: serverId,
    user_id: connection.origin.userId,
    heartbeat_interval: heartbeatIntervalSeconds,
    subscriptions: results.map(({ state, resumed }) => {
      const { topic, epoch, offset } = state;
      return resumed ? state : { topic, epoch, offset };
    }),
    protocol: PROTOCOL_VERSION,
  });
}
