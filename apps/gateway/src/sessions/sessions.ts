import type { Logger } from "@commcoin/service/telemetry";
import type { Admission } from "../admission/admission.ts";
import type { ConnectionLimits } from "../admission/connection-limits.ts";
import type { Rejection } from "../admission/connect-query.ts";
import { createAuthenticator } from "../authentication/authenticator.ts";
import type { Closer } from "../connections/closer.ts";
import { Connection } from "../connections/connection.ts";
import { createConnectionIds } from "../connections/connection-ids.ts";
import type { Connections } from "../connections/connections.ts";
import type { Heartbeat } from "../connections/heartbeat.ts";
import { createRefuse } from "../connections/refuse.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import type { TokenVerifier } from "../identity/token-verifier.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { Peer, Socket } from "../transport/socket.ts";
import { createClusterLimits } from "./cluster-limits.ts";
import { createEndSession } from "./end-session.ts";
import { createFrameDispatcher } from "./frame-dispatcher.ts";
import { createFrameScheduler } from "./frame-scheduler.ts";
import { leaveForbidden } from "./leave-forbidden.ts";
import { rejectConnection } from "./reject-connection.ts";
import { createSessionPeers } from "./session-peer.ts";
import { createStartSession } from "./start-session.ts";

export interface SessionsOptions {
  readonly serverId: string;
  readonly heartbeatIntervalSeconds: number;
  readonly framesPerSecond: number;
  readonly maxFrameBytes: number;
  /** Of users and addresses, in the whole cluster; null where there are none. */
  readonly limits: ConnectionLimits | null;
  /** null where the user that a client names is believed. */
  readonly verifier: TokenVerifier | null;
  readonly connections: Connections;
  readonly heartbeat: Pick<Heartbeat, "add" | "remove">;
  readonly closer: Closer;
  readonly handlers: Omit<HandlerContext, "refuse" | "authenticate">;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Unix milliseconds. */
  readonly wallNow: () => number;
  /** Whether something keeps the broker from delivering. */
  readonly brokerIsAway: () => boolean;
}

/** Runs connections from their first frame to their end. */
export interface Sessions {
  /** A connection that is rejected is told why, and closed: it is counted nowhere. */
  open(socket: Socket, admission: Admission | Rejection): Peer;
  /** Connections that nobody knows yet who they belong to. */
  readonly pending: number;
  /** Closes those whose token did not come or has expired. To be called about once a second. */
  sweep(): void;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { verifier, connections, heartbeat, handlers, closer, metrics, log, now } = options;
  const nextId = createConnectionIds();
  const refuse = createRefuse({ closer, onError: metrics.errorSent, now });
  const limits = options.limits === null ? null : createClusterLimits(options.limits, closer, metrics);
  const authenticator =
    verifier === null
      ? null
      : createAuthenticator({
          verifier,
          now,
          wallNow: options.wallNow,
          closer,
          refuse,
          onRefreshed: (connection) => leaveForbidden(handlers.memberships, connection),
          onOutcome: metrics.authenticated,
        });
  const scheduler = createFrameScheduler(createFrameDispatcher({ ...options, authenticator, refuse }));
  const start = createStartSession({ ...options, limits, scheduler, refuse });
  const onClosed = createEndSession({ ...options, scheduler, authenticator, limits });
  const createPeer = createSessionPeers({ ...options, scheduler, refuse, onClosed });

  return {
    get pending() {
      return authenticator?.pending ?? 0;
    },
    sweep: () => authenticator?.sweep(connections.all()),
    open(socket, admission) {
      if ("close" in admission) return rejectConnection(socket, admission, metrics);
      const { query, address, userAgent } = admission;
      // What a client says of itself is worth nothing where a token has to prove it.
      const origin = { userId: authenticator === null ? query.userId : null, address, userAgent };
      const connection = new Connection(nextId(), origin, socket, now());
      connections.add(connection);
      heartbeat.add(connection);
      log.debug({ connection: connection.id, ...origin }, "connected");
      if (authenticator === null) {
        start(connection, query, () => {});
      } else {
        authenticator.open(connection, admission, (acknowledge) => {
          connections.identify(connection, connection.credentials?.userId ?? null);
          start(connection, query, acknowledge);
        });
      }
      return createPeer(connection);
    },
  };
}
