import type { Connection } from "./connection.ts";

/** The interval is cut into so many turns; each connection is pinged in one of them. */
const SLOTS = 12;
/** Turns after which a ping must be answered: a third of the interval, 10 of 30 seconds. */
const PATIENCE_SLOTS = 4;

/**
 * Pings all connections once per interval, spread over it, with one timer for all of them. The first ping of a
 * connection comes after half an interval at the earliest, and one at the latest, so that those that came together are not pinged
 * together.
 */
export interface Heartbeat {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** One turn of the wheel. */
  turn(): void;
  /** Milliseconds between turns. */
  readonly turnMs: number;
}

export function createHeartbeat({
  intervalSeconds,
  onStale,
  random = Math.random,
}: {
  readonly intervalSeconds: number;
  /** Called for a connection that did not answer its ping and gave no other sign of life. */
  readonly onStale: (connection: Connection) => void;
  readonly random?: () => number;
}): Heartbeat {
  const slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  const slotAt = (turn: number): Set<Connection> => slots[((turn % SLOTS) + SLOTS) % SLOTS] ?? new Set();
  let turn = 0;

  return {
    turnMs: (intervalSeconds * 1_000) / SLOTS,
    add(connection) {
      connection.slot = (turn + SLOTS / 2 + Math.floor(random() * (SLOTS / 2))) % SLOTS;
      slotAt(connection.slot).add(connection);
    },
    remove(connection) {
      slotAt(connection.slot).delete(connection);
    },
    turn() {
      turn += 1;
      for (const connection of slotAt(turn - PATIENCE_SLOTS)) {
        if (connection.awaitingPong) onStale(connection);
      }
      for (const connection of slotAt(turn)) {
        connection.awaitingPong = true;
        connection.socket.ping();
      }
    },
  };
}
