import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { createJsonSchemaTransform } from "fastify-type-provider-zod";
import { VERSION } from "@commcoin/service/telemetry";
import { DOCUMENTATION_POLICY } from "../security-headers.ts";
import { OPEN, TOKEN_NEEDED } from "../routes/documentation.ts";
import { anyJson } from "./any-json.ts";
import { withExamples, withReads, type Document } from "./describe-operations.ts";

const DESCRIPTION = `Answers for the whole cluster: who is connected, which servers there are, and a way to publish.
To send a notification to a user, see *POST /api/ws/broadcast*.

Writes need a token, \`Authorization: Bearer …\`: what the environment variable ADMIN_TOKEN holds. Reads need it from
other machines, through a proxy, and where ADMIN_READS_NEED_TOKEN says so, as it does in production. Where \`/docs\` is looked
at, a padlock stands at what needs the token of whoever looks; it is closed once the token is given to *Authorize*.

Every answer that is not a success is \`{"code", "message"}\`. Besides those that are listed: 404 where there is no such
path, 405 where it has another method (\`Allow\` names it), 408 and 431 for requests that take too long or have too large
headers.`;

interface OpenApiOptions {
  readonly readsNeedToken: boolean;
  /** Whether reads are open to whoever sends a request. */
  readonly isOpen: (request: FastifyRequest) => boolean;
}

/** Documents every route that is registered after it, at `/docs`; the document itself is `/docs/json`. */
export async function registerOpenApi(
  app: FastifyInstance,
  { readsNeedToken, isOpen }: OpenApiOptions,
): Promise<void> {
  const transform = createJsonSchemaTransform({});
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Community Coin Realtime: admin API", version: VERSION, description: DESCRIPTION },
      tags: [
        { name: "messages", description: "Send a message, and read what topics keep" },
        { name: "cluster", description: "Numbers of the cluster, its servers, and what listeners follow" },
        { name: "connections", description: "Who is connected, and ending connections" },
        { name: "operations", description: "Health and metrics, open to probes and scrapers" },
      ],
      components: {
        securitySchemes: {
          adminToken: {
            type: "http",
            scheme: "bearer",
            description: "The value of the environment variable ADMIN_TOKEN of this server",
          },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = transform(input);
      return { schema: anyJson(schema) as never, url };
    },
    transformObject: (document) => {
      if (!("openapiObject" in document)) return document.swaggerObject;
      const described = withExamples(document.openapiObject as Document, { readsNeedToken });
      return readsNeedToken ? withReads(described, TOKEN_NEEDED) : described;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCUMENTATION_POLICY,
    // What may be open and may want a token is drawn as a closed padlock, what wants one as an open one.
    transformSpecification: (document, request) =>
      withReads(document as Document, isOpen(request) ? OPEN : TOKEN_NEEDED),
  });
}
