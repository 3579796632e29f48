import type { ConnectionLimits } from "../admission/connection-limits.ts";
import type { Closer } from "../connections/closer.ts";
import type { Connection } from "../connections/connection.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";

/** Counts connections under the limits of the whole cluster. */
export interface ClusterLimits {
  /** @returns whether the connection is within them; it is closed where it is not. */
  enter(connection: Connection): Promise<boolean>;
  leave(connection: Connection): void;
}

export function createClusterLimits(
  limits: ConnectionLimits,
  closer: Pick<Closer, "close">,
  metrics: Pick<GatewayMetrics, "overLimit">,
): ClusterLimits {
  const leave = (connection: Connection): void => {
    if (connection.counted !== null) limits.leave(connection.counted);
    connection.counted = null;
  };
  return {
    async enter(connection) {
      const result = await limits.enter(connection.origin);
      if ("excess" in result) {
        if (!connection.closed) metrics.overLimit(result.excess.limit);
        closer.close(connection, "connection_limit", result.excess.reason);
        return false;
      }
      connection.counted = result.counted;
      if (connection.closed) leave(connection);
      return !connection.closed;
    },
    leave,
  };
}
