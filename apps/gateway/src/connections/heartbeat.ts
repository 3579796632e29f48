import type { Connection } from "./connection.ts";

/** The interval is cut into so many slots; each connection is pinged in one of them. */
const SLOTS = 12;
/** Slots after which a ping must be answered: a third of the interval, 10 of 30 seconds. */
const TIMEOUT_SLOTS = 4;

/**
 * Pings all connections once per interval, spread over it, with one timer for all of them. The first ping of a
 * connection comes after half an interval at the earliest, and one at the latest, so that those that came together are not pinged
 * together.
 */
export interface Heartbeat {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Moves the wheel on by one slot. */
  tick(): void;
  /** Milliseconds between ticks. */
  readonly tickMs: number;
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
  const slotAt = (at: number): Set<Connection> => slots[((at % SLOTS) + SLOTS) % SLOTS] ?? new Set();
  let position = 0;

  return {
    tickMs: (intervalSeconds * 1_000) / SLOTS,
    add(connection) {
      connection.slot = (position + SLOTS / 2 + Math.floor(random() * (SLOTS / 2))) % SLOTS;
      slotAt(connection.slot).add(connection);
    },
    remove(connection) {
      slotAt(connection.slot).delete(connection);
    },
    tick() {
      position += 1;
      for (const connection of slotAt(position - TIMEOUT_SLOTS)) {
        if (connection.awaitingPong) onStale(connection);
      }
      for (const connection of slotAt(position)) {
        connection.awaitingPong = true;
        connection.socket.ping();
      }
    },
  };
}
