import type { Operations } from "@commcoin/service/telemetry";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { OPEN } from "./documentation.ts";

const readiness = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), message: z.string().optional() })),
});

const paths = {
  "/healthz": {
    operationId: "getLiveness",
    summary: "Whether the process is alive",
    response: {
      200: z
        .object({ status: z.literal("ok"), version: z.string().describe("The release that runs") })
        .describe("Alive"),
    },
  },
  "/readyz": {
    operationId: "getReadiness",
    summary: "Whether the server can do its work, check by check",
    response: { 200: readiness.describe("Ready"), 503: readiness.describe("Not ready") },
  },
  "/metrics": {
    operationId: "getMetrics",
    summary: "Metrics in the text format of Prometheus",
    response: {
      200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } },
    },
  },
} as const;

/** Health and metrics. Open to everybody who reaches the port: probes and scrapers carry no token. */
export const operationsRoutes: FastifyPluginAsyncZod<{ readonly operations: Operations }> = async (
  app,
  { operations },
) => {
  for (const [path, schema] of Object.entries(paths)) {
    app.get(
      path,
      { schema: { tags: ["operations"], security: OPEN, ...schema } },
      async (_request, reply) => {
        const answer = await operations.answer(path);
        if (answer === null) return reply.callNotFound();
        // A buffer is sent as it is: the body is already text.
        return reply
          .code(answer.status as 200)
          .type(answer.contentType)
          .send(Buffer.from(answer.body));
      },
    );
  }
};
