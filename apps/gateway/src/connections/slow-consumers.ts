import type { Connection } from "./connection.ts";

/** Part of what may wait for a client from which on it is watched, and at which it is closed when it stays there. */
const WATCH_SHARE = 1 / 8;
const CLOSE_SHARE = 1 / 2;

/**
 * Finds clients that do not keep up, while there is capacity left to tell them so: one that was behind at the last look and
 * is over half of the limit now is closed with a code. One that reaches the limit before is dropped by the transport, without a code.
 */
export function findSlowConsumers(
  connections: Iterable<Connection>,
  maxBackpressureBytes: number,
  onSlow: (connection: Connection) => void,
): void {
  for (const connection of connections) {
    const waiting = connection.socket.buffered();
    if (connection.congested && waiting > maxBackpressureBytes * CLOSE_SHARE) onSlow(connection);
    else connection.congested = waiting > maxBackpressureBytes * WATCH_SHARE;
  }
}

/** How much waits for all of them together. */
export function waitingBytes(connections: Iterable<Connection>): number {
  let bytes = 0;
  for (const { socket } of connections) bytes += socket.buffered();
  return bytes;
}
