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
      "Sum over the gateways of their distinct users: a user with connections to two gateways counts twice",
    ),
    subscriptions: connectionStats.shape.subscriptions.describe("Sum over the gateways"),
    server_id: connectionStats.shape.server_id.describe("Id of the admin server that answers"),
    servers: z.array(gatewayStats).describe("The gateways of the registry, suspect ones included"),
  })
  .describe("Sums over the gateways, and each gateway");
export type ClusterStats = z.infer<typeof clusterStats>;

const COUNTED = ["total_connections", "active_users", "subscriptions"] as const;

/** Adds up what the gateways say of themselves in their heartbeats. */
export function sumGateways(registered: readonly RegisteredServer[], serverId: string): ClusterStats {
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
  const [total_connections, active_users, subscriptions] = COUNTED.map((field) =>
    servers.reduce((sum, server) => sum + server[field], 0),
  ) as [number, number, number];
  return { total_connections, active_users, subscriptions, server_id: serverId, servers };
}
