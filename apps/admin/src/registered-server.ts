import { processDescription, type RegisteredServer } from "@commcoin/broker";
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
  clock_skew_ms: z
    .number()
    .nullable()
    .describe(
      "Milliseconds that its clock was ahead of the broker's when the last heartbeat arrived, negative where it was behind or the heartbeat late",
    ),
  superseded: z
    .int()
    .nonnegative()
    .describe("Other processes of the service that use the same id, which they must not, and are not listed"),
  process: processDescription.optional().describe("What runs there; absent where a version does not tell it"),
}) satisfies z.ZodType<RegisteredServer>;
