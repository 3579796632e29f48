import type { Logger } from "@commcoin/service/telemetry";
import type { Authenticator } from "../authentication/authenticator.ts";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";
import type { Heartbeat } from "../connections/heartbeat.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { ClusterLimits } from "./cluster-limits.ts";
import type { FrameScheduler } from "./frame-scheduler.ts";

/** Close code of a connection that ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

/** @returns takes a connection whose socket is gone out of everything that knows it. */
export function createEndSession({
  scheduler,
  handlers,
  heartbeat,
  authenticator,
  connections,
  limits,
  metrics,
  log,
  now,
}: {
  readonly scheduler: Pick<FrameScheduler, "forget">;
  readonly handlers: Pick<HandlerContext, "memberships" | "historyQueue">;
  readonly heartbeat: Pick<Heartbeat, "remove">;
  readonly authenticator: Pick<Authenticator, "forget"> | null;
  readonly connections: Pick<Connections, "remove">;
  readonly limits: Pick<ClusterLimits, "leave"> | null;
  readonly metrics: Pick<GatewayMetrics, "slowConsumer">;
  readonly log: Logger;
  readonly now: () => number;
}): (connection: Connection, code: number) => void {
  return (connection, code) => {
    connection.closed = true;
    scheduler.forget(connection);
    handlers.historyQueue.resume(connection);
    heartbeat.remove(connection);
    authenticator?.forget(connection);
    handlers.memberships.leaveAll(connection);
    connections.remove(connection);
    limits?.leave(connection);
    if (connection.congested && code === ABNORMAL_CLOSURE) metrics.slowConsumer();
    log.debug(
      {
        connection: connection.id,
        ...connection.origin,
        code,
        seconds: Math.round((now() - connection.connectedAt) / 1_000),
        frames: connection.framesIn,
      },
      "disconnected",
    );
  };
}
