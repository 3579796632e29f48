import type { Broker } from "@commcoin/broker";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { clusterStats, sumGateways } from "../cluster-stats.ts";
import { registeredServer } from "../registered-server.ts";
import { OPEN_TO_LOCAL, readErrors } from "./documentation.ts";

const servers = z
  .object({
    servers: z.array(registeredServer),
    broker: z
      .enum(["redis", "memory"])
      .describe("Where the services meet; memory where they are one process without Redis"),
  })
  .describe("The registry, sorted by service and id");

interface ClusterRoutesOptions {
  readonly broker: Broker;
  readonly guard: Guard;
  readonly serverId: string;
}

export const clusterRoutes: FastifyPluginAsyncZod<ClusterRoutesOptions> = async (app, options) => {
  const { broker, guard, serverId } = options;

  app.get("/api/ws/connections", {
    onRequest: guard.read,
    schema: {
      operationId: "getConnections",
      tags: ["cluster"],
      summary: "Connections, users and subscriptions of the cluster",
      security: OPEN_TO_LOCAL,
      response: { 200: clusterStats, ...readErrors },
    },
    handler: async () => {
      const [servers, users] = await Promise.all([broker.registry.servers(), broker.users.count()]);
      return sumGateways(servers, users, serverId);
    },
  });

  app.get("/api/servers", {
    onRequest: guard.read,
    schema: {
      operationId: "getServers",
      tags: ["cluster"],
      summary: "Every server of the cluster, with its health",
      security: OPEN_TO_LOCAL,
      response: { 200: servers, ...readErrors },
    },
    handler: async () => ({
      servers: [...(await broker.registry.servers())],
      // Only messages that leave the process have to prove that they arrive.
      broker: broker.proof === undefined ? ("memory" as const) : ("redis" as const),
    }),
  });
};
