import { sleep } from "@commcoin/service/lifecycle";
import type { Connection } from "./connection.ts";

const STEP_MS = 100;
/** Reconnects are suggested to be spread so that no more than this many per second come to the other servers. */
const RECONNECTS_PER_SECOND = 2_000;
const MIN_SPREAD_MS = 1_000;

/**
 * Reason of close code 3001: tells a client how long to wait before it connects again, so that the clients of one server
 * do not all come at once. Read it with `/reconnect in (\d+) ms/`.
 */
export const shutdownReason = (delayMs: number): string => `shutdown; reconnect in ${Math.round(delayMs)} ms`;

/** The time over which so many clients are asked to come back. */
export const reconnectSpreadMs = (connections: number): number =>
  Math.max(MIN_SPREAD_MS, (connections / RECONNECTS_PER_SECOND) * 1_000);

/** Closes all connections, evenly over a time. Resolves when none is left. */
export async function drainConnections({
  connections,
  seconds,
  close,
  random = Math.random,
  wait = sleep,
}: {
  readonly connections: readonly Connection[];
  readonly seconds: number;
  readonly close: (connection: Connection, reason: string) => void;
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}): Promise<void> {
  const spreadMs = reconnectSpreadMs(connections.length);
  const steps = Math.max(1, Math.round((seconds * 1_000) / STEP_MS));
  let open = connections;
  for (let step = 0; open.length > 0; step += 1) {
    const now = Math.ceil(open.length / Math.max(1, steps - step));
    for (const connection of open.slice(0, now)) close(connection, shutdownReason(random() * spreadMs));
    // Clients leave by themselves as well.
    open = open.slice(now).filter(({ closed }) => !closed);
    if (open.length > 0) await wait(STEP_MS);
  }
}
