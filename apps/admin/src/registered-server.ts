import type { RegisteredServer } from "@commcoin/broker";
import { z } from "zod";

/** A server as the registry knows it. */
export const registeredServer = z.object({
  server_id: z.string(),
  service: z.enum(["listener", "gateway", "admin"]),
  instance: z.string().describe("Tells two processes apart that use the same id"),
  started_at: z.int().describe("Unix milliseconds"),
  state: z.enum(["ready", "not_ready", "draining"]).describe("What the server says of itself"),
  counts: z.record(z.string(), z.number()).describe("Numbers that the service is measured by"),
  age_ms: z.number().describe("Milliseconds since its last heartbeat"),
  health: z
    .enum(["healthy", "suspect"])
    .describe("suspect once heartbeats stay away; a while later the server leaves the list"),
}) satisfies z.ZodType<RegisteredServer>;
