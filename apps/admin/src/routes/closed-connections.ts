import { closedConnection, closedKey, MAX_CLOSED_REMEMBERED, MAX_PAGE } from "@commcoin/broker";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { missingServers, type Gateways } from "../survey/gateways.ts";
import { mergePages } from "../survey/merge-pages.ts";
import { connectionFilter } from "./connection-filter.ts";
import { OPEN_TO_LOCAL, serverErrors } from "./documentation.ts";

const DEFAULT_LIMIT = 50;

const querystring = z.object({
  ...connectionFilter,
  cursor: z
    .string()
    .regex(/^\d{16}\.[A-Za-z0-9_-]{1,64}$/, "must be `next_cursor` of an answer")
    .optional()
    .describe("`next_cursor` of the page before"),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_LIMIT),
});

const page = z
  .object({
    connections: z.array(closedConnection),
    next_cursor: z.string().nullable().describe("Where to go on, with older ones; null at the end"),
    missing_servers: missingServers,
  })
  .describe(
    `Connections that are gone, the newest first. Each gateway remembers its last ${MAX_CLOSED_REMEMBERED}, until it stops`,
  );

interface ClosedConnectionsRoutesOptions {
  readonly gateways: Gateways;
  readonly guard: Guard;
}

export const closedConnectionsRoutes: FastifyPluginAsyncZod<ClosedConnectionsRoutesOptions> = async (
  app,
  options,
) => {
  const { gateways, guard } = options;
  app.get("/api/closed-connections", {
    onRequest: guard.read,
    schema: {
      operationId: "listClosedConnections",
      tags: ["connections"],
      summary: "Connections that were closed lately: by whom, why and when, the newest first, page by page",
      security: OPEN_TO_LOCAL,
      querystring,
      response: { 200: page, ...serverErrors },
    },
    handler: async ({ query: { server_id, cursor, limit, ...filter } }) => {
      const question = { type: "closed_connections", ...filter, after: cursor, limit } as const;
      const { answers, missing } = await gateways.ask(question, server_id);
      const pages = answers.map(({ answer }) => answer);
      const { groups, next } = mergePages(pages, closedKey, limit);
      return {
        connections: groups.flatMap(([, entries]) => entries),
        next_cursor: next,
        missing_servers: [...missing],
      };
    },
  });
};
