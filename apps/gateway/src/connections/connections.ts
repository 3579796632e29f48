import type { ConnectionStats } from "@commcoin/protocol";
import type { ClosedConnection } from "@commcoin/broker";
import { systemClock, type Clock } from "@commcoin/service/lifecycle";
import { addressGroup } from "./address-group.ts";
import type { Connection } from "./connection.ts";
import { createRecentlyClosed } from "./recently-closed.ts";

/** All connections of this server, by id, user and address; every count is known without counting. */
export interface Connections {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  get(id: string): Connection | undefined;
  /** To be called when it was found out who a connection belongs to. */
  identify(connection: Connection, userId: string | null): void;
  ofUser(userId: string): readonly Connection[];
  /** Connections of whoever has this address: with IPv6, of its network. */
  countOfAddress(address: string): number;
  /** Everybody who has a connection. */
  users(): readonly string[];
  all(): IterableIterator<Connection>;
  /** The last ones that were removed, in no order. */
  closedLately(): readonly ClosedConnection[];
  readonly size: number;
  /** To be called when a client asks for a topic, or leaves one that it asked for. */
  changeSubscriptions(connection: Connection, by: 1 | -1): void;
  readonly stats: () => ConnectionStats;
}

export function createConnections({
  serverId,
  onChange,
  onUser = () => {},
  clock = systemClock,
}: {
  readonly serverId: string;
  /** Called after every change of the statistics. */
  readonly onChange: () => void;
  /** Called when the first connection of a user was added, and when the last one was removed. */
  readonly onUser?: (userId: string, isHere: boolean) => void;
  readonly clock?: Clock;
}): Connections {
  const byId = new Map<string, Connection>();
  const byUser = new Map<string, Set<Connection>>();
  const perAddress = new Map<string, number>();
  const closed = createRecentlyClosed({ serverId, clock });
  let subscriptions = 0;

  const addToUser = (connection: Connection, userId: string): void => {
    const own = byUser.get(userId);
    if (own === undefined) {
      byUser.set(userId, new Set([connection]));
      onUser(userId, true);
    } else own.add(connection);
  };

  return {
    add(connection) {
      const { userId } = connection.origin;
      const address = addressGroup(connection.origin.address);
      byId.set(connection.id, connection);
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      if (userId !== null) addToUser(connection, userId);
      onChange();
    },
    remove(connection) {
      if (!byId.delete(connection.id)) return;
      closed.add(connection);
      const { userId } = connection.origin;
      const address = addressGroup(connection.origin.address);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
      if (userId !== null) {
        const own = byUser.get(userId);
        own?.delete(connection);
        if (own?.size === 0) {
          byUser.delete(userId);
          onUser(userId, false);
        }
      }
      subscriptions -= connection.asked;
      connection.asked = 0;
      onChange();
    },
    identify(connection, userId) {
      connection.origin = { ...connection.origin, userId };
      if (userId !== null) addToUser(connection, userId);
      onChange();
    },
    get: (id) => byId.get(id),
    ofUser: (userId) => [...(byUser.get(userId) ?? [])],
    countOfAddress: (address) => perAddress.get(addressGroup(address)) ?? 0,
    users: () => [...byUser.keys()],
    all: () => byId.values(),
    closedLately: () => closed.all(),
    get size() {
      return byId.size;
    },
    changeSubscriptions(connection, by) {
      connection.asked += by;
      subscriptions += by;
      onChange();
    },
    stats: () => ({
      total_connections: byId.size,
      active_users: byUser.size,
      subscriptions,
      server_id: serverId,
    }),
  };
}
