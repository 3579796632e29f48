import { MAX_CLOSED_REMEMBERED, type ClosedConnection } from "@commcoin/broker";
import { CLOSE_CODES } from "@commcoin/protocol";
import type { Clock } from "@commcoin/service/lifecycle";
import type { Connection } from "./connection.ts";

const NO_GOODBYE = 1006;

/** The connections that were closed last, so many of them: the newest one takes the place of the oldest. */
export interface RecentlyClosed {
  add(connection: Pick<Connection, "id" | "origin" | "socket" | "connectedAt" | "congested">): void;
  /** In no order. */
  all(): readonly ClosedConnection[];
}

interface RecentlyClosedOptions {
  readonly serverId: string;
  readonly clock: Clock;
  readonly capacity?: number;
}

export function createRecentlyClosed(options: RecentlyClosedOptions): RecentlyClosed {
  const { serverId, clock, capacity = MAX_CLOSED_REMEMBERED } = options;
  const ring: ClosedConnection[] = [];
  let next = 0;
  return {
    add({ id, origin, socket, connectedAt, congested }) {
      const end = socket.ended ?? { code: NO_GOODBYE, reason: "", byGateway: false };
      // Cut by the transport, which gives no reason for it.
      const tooSlow = congested && end.code === NO_GOODBYE;
      const closedAt = Math.round(clock.now());
      ring[next] = {
        id,
        server_id: serverId,
        user_id: origin.userId,
        address: origin.address,
        since: closedAt - Math.round(clock.monotonic() - connectedAt),
        closed_at: closedAt,
        code: end.code,
        reason: tooSlow ? CLOSE_CODES.slow_consumer.reason : end.reason,
        by_gateway: tooSlow || end.byGateway,
      };
      next = (next + 1) % capacity;
    },
    all: () => ring,
  };
}
