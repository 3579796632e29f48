import { z } from "zod";

/** What `GET /api/ws/connections` answers: exactly these four fields. */
export const connectionStats = z.strictObject({
  total_connections: z.int().nonnegative(),
  active_users: z.int().nonnegative().describe("Distinct users with at least one connection"),
  subscriptions: z
    .int()
    .nonnegative()
    .describe(
      "Pairs of a connection and a topic that it asked for; topics joined by the server do not count",
    ),
  server_id: z.string(),
});
export type ConnectionStats = z.infer<typeof connectionStats>;
