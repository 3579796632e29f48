import type { Logger } from "@commcoin/service/telemetry";
import type { Closer } from "./closer.ts";
import type { Connections } from "./connections.ts";
import { drainConnections, reconnectSpreadMs } from "./drain.ts";

/** Sends all clients to other gateways, once. */
export interface Draining {
  readonly isDraining: boolean;
  /** Begins with it, unless it was begun. Resolves when no connection is left. */
  start(): Promise<void>;
}

export function createDraining({
  connections,
  closer,
  seconds,
  onStart,
  log,
}: {
  readonly connections: Pick<Connections, "all">;
  readonly closer: Pick<Closer, "close">;
  /** The time over which connections are closed. */
  readonly seconds: number;
  /** @param spreadMs what clients are asked to wait at most before they come back. */
  readonly onStart: (spreadMs: number) => void;
  readonly log: Logger;
}): Draining {
  let draining: Promise<void> | null = null;
  return {
    get isDraining() {
      return draining !== null;
    },
    start() {
      if (draining !== null) return draining;
      const open = [...connections.all()];
      log.info({ connections: open.length, seconds }, "draining");
      draining = drainConnections({
        connections: open,
        seconds,
        close: (connection, reason) => closer.close(connection, "shutdown", reason),
      });
      onStart(reconnectSpreadMs(open.length));
      return draining;
    },
  };
}
