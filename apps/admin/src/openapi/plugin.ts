import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform } from "fastify-type-provider-zod";
import { DOCUMENTATION_POLICY } from "../security-headers.ts";
import { anyJson } from "./any-json.ts";

const DESCRIPTION = `Answers for the whole cluster: who is connected, which servers there are, and a way to publish.

Reads are open on the server's own machine and need the token from anywhere else; writes always need it.
The token is what the environment variable ADMIN_TOKEN holds. Every answer that is not a success is
\`{"code", "message"}\`.`;

/** Documents every route that is registered after it, at `/docs`; the document itself is `/docs/json`. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  const transform = createJsonSchemaTransform({});
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Community Coin Realtime: admin API", version: "1.0.0", description: DESCRIPTION },
      tags: [
        { name: "cluster", description: "Connections and servers" },
        { name: "connections", description: "Who is connected, and ending connections" },
        { name: "messages", description: "Publishing and history" },
        { name: "operations", description: "Health and metrics" },
      ],
      components: {
        securitySchemes: { adminToken: { type: "http", scheme: "bearer", description: "ADMIN_TOKEN" } },
      },
    },
    transform: (input) => {
      const { schema, url } = transform(input);
      return { schema: anyJson(schema) as never, url };
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: DOCUMENTATION_POLICY });
}
