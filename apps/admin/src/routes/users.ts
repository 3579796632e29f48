import { userId } from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { note } from "../access/audit.ts";
import type { Guard } from "../access/guard.ts";
import { acted, type Gateways } from "../survey/gateways.ts";
import { surveyErrors, TOKEN_NEEDED } from "./documentation.ts";

interface UsersRoutesOptions {
  readonly gateways: Gateways;
  readonly guard: Guard;
}

export const usersRoutes: FastifyPluginAsyncZod<UsersRoutesOptions> = async (app, options) => {
  const { gateways, guard } = options;
  app.post("/api/users/:id/disconnect", {
    onRequest: guard.write,
    schema: {
      operationId: "disconnectUser",
      tags: ["connections"],
      summary: "Close all connections of a user with code 3503, on all gateways",
      security: TOKEN_NEEDED,
      params: z.object({ id: userId }),
      response: { 200: acted, ...surveyErrors },
    },
    handler: async (request) => {
      const { id } = request.params;
      const what = `a connection of user ${id}`;
      const done = await gateways.command({ type: "disconnect_user", user_id: id }, what);
      note(request, done);
      return done;
    },
  });
};
