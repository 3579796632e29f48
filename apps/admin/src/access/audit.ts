import type { Logger } from "@commcoin/service/telemetry";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** As much of what a client says of itself as a line of the log has room for. */
const CLAIM_MAX_LENGTH = 200;

declare module "fastify" {
  interface FastifyRequest {
    /** What a write is about and what came of it, for the log; null for a request that may not write. */
    audit: Record<string, unknown> | null;
  }
}

/** Notes what a write is about, before it is tried, or what came of it. */
export function note(request: FastifyRequest, fields: object): void {
  if (request.audit !== null) Object.assign(request.audit, fields);
}

const claim = (header: string | readonly string[] | undefined): string | undefined =>
  header === undefined ? undefined : String(header).slice(0, CLAIM_MAX_LENGTH);

/**
 * Has one line in the log for each write that came with the token, whether it succeeded or not: what it was (`audit` is the
 * id of the operation), what it was about, what came of it, and where it came from. The address is that of the socket;
 * `forwarded_for` and `user_agent` are what the request claims.
 */
export function auditWrites(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest("audit", null);
  // Not once the answer is sent: whoever asked may be gone by then, and what was done was done.
  app.addHook("onSend", async (request, reply) => {
    if (request.audit === null) return;
    const { headers, routeOptions, params } = request;
    const failed = reply.statusCode >= 400;
    const fields = {
      audit: routeOptions.schema?.operationId,
      ...(params as object),
      ...request.audit,
      status: reply.statusCode,
      forwarded_for: claim(headers["x-forwarded-for"]),
      user_agent: claim(headers["user-agent"]),
    };
    logger.info(fields, failed ? "a write failed" : "a write was carried out");
    request.audit = null;
  });
}
