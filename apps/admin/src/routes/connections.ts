import { connectionInfo, MAX_PAGE } from "@commcoin/broker";
import { topic } from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { note } from "../access/audit.ts";
import type { Guard } from "../access/guard.ts";
import { acted, missingServers, throwNotFound, type Gateways } from "../survey/gateways.ts";
import { mergePages } from "../survey/merge-pages.ts";
import { connectionFilter } from "./connection-filter.ts";
import { OPEN_TO_LOCAL, serverErrors, surveyErrors, TOKEN_NEEDED } from "./documentation.ts";

const DEFAULT_LIMIT = 100;

const connectionId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, '_' and '-'")
  .describe("connection_id of the `connected` frame");

const querystring = z.object({
  ...connectionFilter,
  topic: topic.optional().describe("Only those that are in a topic"),
  cursor: connectionId.optional().describe("`next_cursor` of the page before"),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_LIMIT),
});

const page = z
  .object({
    connections: z.array(connectionInfo),
    next_cursor: z.string().nullable().describe("Where to go on; null at the end"),
    missing_servers: missingServers,
  })
  .describe(
    "Connections in the order of their ids: who follows the pages sees each once that stays open meanwhile",
  );

interface ConnectionsRoutesOptions {
  readonly gateways: Gateways;
  readonly guard: Guard;
}

export const connectionsRoutes: FastifyPluginAsyncZod<ConnectionsRoutesOptions> = async (app, options) => {
  const { gateways, guard } = options;

  app.get("/api/connections", {
    onRequest: guard.read,
    schema: {
      operationId: "listConnections",
      tags: ["connections"],
      summary: "Connections of all gateways, page by page",
      security: OPEN_TO_LOCAL,
      querystring,
      response: { 200: page, ...serverErrors },
    },
    handler: async ({ query: { server_id, cursor, limit, ...filter } }) => {
      const question = { type: "connections", ...filter, after: cursor, limit } as const;
      const { answers, missing } = await gateways.ask(question, server_id);
      const pages = answers.map(({ answer }) => answer);
      const { groups, next } = mergePages(pages, ({ id }) => id, limit);
      return {
        connections: groups.flatMap(([, entries]) => entries),
        next_cursor: next,
        missing_servers: [...missing],
      };
    },
  });

  app.get("/api/connections/:id", {
    onRequest: guard.read,
    schema: {
      operationId: "getConnection",
      tags: ["connections"],
      summary: "One connection",
      security: OPEN_TO_LOCAL,
      params: z.object({ id: connectionId }),
      response: { 200: connectionInfo.describe("The connection"), ...surveyErrors },
    },
    handler: async ({ params: { id } }) => {
      const { answers, missing } = await gateways.ask({ type: "connection", connection_id: id });
      const found = answers.flatMap(({ answer: { connection } }) => connection ?? [])[0];
      return found ?? throwNotFound(`connection ${id}`, missing);
    },
  });

  app.post("/api/connections/:id/disconnect", {
    onRequest: guard.write,
    schema: {
      operationId: "disconnectConnection",
      tags: ["connections"],
      summary: "Close one connection with code 3503: its client does not come back by itself",
      security: TOKEN_NEEDED,
      params: z.object({ id: connectionId }),
      response: { 200: acted, ...surveyErrors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const question = { type: "disconnect_connection", connection_id: id } as const;
      const done = await gateways.command(question, `connection ${id}`);
      note(request, done);
      return done;
    },
  });
};
