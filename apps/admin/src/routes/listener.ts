import { listenerStatus, type Broker } from "@commcoin/broker";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { registeredServer } from "../registered-server.ts";
import { OPEN_TO_LOCAL, readErrors } from "./documentation.ts";

const listeners = z
  .object({
    listeners: z.array(
      registeredServer.omit({ service: true, counts: true }).extend({
        status: listenerStatus
          .nullable()
          .describe("As of its last heartbeat; null when it is of a version that tells it in another way"),
      }),
    ),
  })
  .describe("The listeners of the registry, sorted by id; at most one of them leads");

interface ListenerRoutesOptions {
  readonly broker: Broker;
  readonly guard: Guard;
}

export const listenerRoutes: FastifyPluginAsyncZod<ListenerRoutesOptions> = async (app, options) => {
  const { broker, guard } = options;
  app.get("/api/listener", {
    onRequest: guard.read,
    schema: {
      operationId: "getListener",
      tags: ["cluster"],
      summary: "What every listener follows and from which nodes, and how far it is proven complete",
      security: OPEN_TO_LOCAL,
      response: { 200: listeners, ...readErrors },
    },
    handler: async () => {
      const servers = await broker.registry.servers();
      return {
        listeners: servers
          .filter(({ service }) => service === "listener")
          .map(({ listener = null, ...server }) => ({ ...server, status: listener })),
      };
    },
  });
};
