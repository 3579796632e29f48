import type { GatewayCounts, RegisteredServer } from "@commcoin/broker";
import { connectionStats } from "@commcoin/protocol";
import { z } from "zod";
import { registeredServer } from "./registered-server.ts";

const gatewayStats = connectionStats.extend(
  registeredServer.pick({ health: true, state: true, age_ms: true, started_at: true }).shape,
);

/** The four fields that a gateway answers for itself, for all gateways together, and each of them. */
export const clusterStats = connectionStats
  .extend({
    total_connections: connectionStats.shape.total_connections.describe("Sum over the gateways"),
    active_users: connectionStats.shape.active_users.describe(
      "Distinct users with at least one connection, wherever and however often they are connected",
    ),
    subscriptions: connectionStats.shape.subscriptions.describe("Sum over the gateways"),
    server_id: connectionStats.shape.server_id.describe("Id of the admin server that answers"),
    servers: z.array(gatewayStats).describe("The gateways of the registry, suspect ones included"),
  })
  .describe("The cluster, and each gateway");
export type ClusterStats = z.infer<typeof clusterStats>;

/**
 * Adds up what the gateways say of themselves in their heartbeats.
 * @param activeUsers of the cluster: a user of two gateways is in the numbers of both.
 */
export function sumGateways(
  registered: readonly RegisteredServer[],
  activeUsers: number,
  serverId: string,
): ClusterStats {
  const servers = registered
    .filter(({ service }) => service === "gateway")
    .map(({ server_id, counts, health, state, age_ms, started_at }) => {
      const { connections = 0, users = 0, subscriptions = 0 }: Partial<GatewayCounts> = counts;
      return {
        total_connections: connections,
        active_users: users,
        subscriptions,
        server_id,
        health,
        state,
        age_ms,
        started_at,
      };
    });
  const sum = (field: "total_connections" | "subscriptions"): number =>
    servers.reduce((total, server) => total + server[field], 0);
  return {
    total_connections: sum("total_connections"),
    active_users: activeUsers,
    subscriptions: sum("subscriptions"),
    server_id: serverId,
    servers,
  };
}
