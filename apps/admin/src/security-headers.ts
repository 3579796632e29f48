import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

/** What answers of the API may have a browser do, which is nothing; the documentation has a policy of its own. */
const API_POLICY = { "default-src": ["'none'"], "frame-ancestors": ["'none'"], "base-uri": ["'none'"] };

/** For the pages of the documentation: what they consist of comes from this server. */
export const DOCUMENTATION_POLICY = {
  "default-src": "'self'",
  "base-uri": "'self'",
  "object-src": "'none'",
  "frame-ancestors": "'none'",
  "form-action": "'self'",
  // The styles and the icons that Swagger UI writes into its elements.
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data:",
};

/**
 * Adds headers that restrict what browsers do with answers. The service speaks plain HTTP, often to other hosts: whatever
 * is for TLS alone is left to who terminates it. Browsers would be sent to an https address where nobody listens
 * (`Strict-Transport-Security`, `upgrade-insecure-requests`), or complain of a header that they ignore.
 */
export async function registerSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: API_POLICY },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}
