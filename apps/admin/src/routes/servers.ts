import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { note } from "../access/audit.ts";
import type { Guard } from "../access/guard.ts";
import { serverId } from "../server-id.ts";
import { throwNotAnswered, type Gateways } from "../survey/gateways.ts";
import { surveyErrors, TOKEN_NEEDED } from "./documentation.ts";

const draining = z
  .object({
    server_id: z.string(),
    connections: z.int().nonnegative().describe("Connections that it still had"),
  })
  .describe("The gateway admits nobody any more and closes its connections with code 3001, over time");

interface ServersRoutesOptions {
  readonly gateways: Gateways;
  readonly guard: Guard;
}

export const serversRoutes: FastifyPluginAsyncZod<ServersRoutesOptions> = async (app, options) => {
  const { gateways, guard } = options;
  app.post("/api/servers/:id/drain", {
    onRequest: guard.write,
    schema: {
      operationId: "drainServer",
      tags: ["cluster"],
      summary: "Have a gateway send its clients to the others; it runs on until it is stopped",
      security: TOKEN_NEEDED,
      params: z.object({ id: serverId }),
      response: { 200: draining, ...surveyErrors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { answers, missing } = await gateways.ask({ type: "drain" }, id);
      const [done] = answers;
      if (done === undefined) return throwNotAnswered(missing);
      const { connections } = done.answer;
      note(request, { connections });
      return { server_id: id, connections };
    },
  });
};
