import { listenerStatus, type RegisteredServer } from "@commcoin/broker/inspect";
import { z } from "zod";

const registered = z.object({
  server_id: z.string(),
  service: z.enum(["listener", "gateway", "admin"]),
  instance: z.string(),
  state: z.enum(["ready", "not_ready", "draining"]),
  age_ms: z.number(),
  health: z.enum(["healthy", "suspect"]),
  // Versions before did not tell these.
  clock_skew_ms: z.number().nullable().default(null),
  superseded: z.number().default(0),
  process: z
    .object({ version: z.string(), host: z.string(), addresses: z.array(z.string()), port: z.number() })
    .optional(),
});

/** As `GET /api/servers` answers. */
export const serversAnswer = z.object({
  servers: z.array(registered),
  broker: z.enum(["redis", "memory"]).optional(),
});
/** As `GET /api/listener` answers. */
export const listenersAnswer = z.object({
  listeners: z.array(z.object({ server_id: z.string(), status: listenerStatus.nullable().catch(null) })),
});

/** A server of the registry. */
export type ClusterServer = z.infer<typeof registered> & {
  readonly listener: z.infer<typeof listenerStatus> | null;
};

export const fromRegistry = (server: RegisteredServer): ClusterServer => ({
  ...registered.parse(server),
  listener: server.listener ?? null,
});

/** `gateway gateway-1`. */
export const nameOf = ({ service, server_id }: Pick<ClusterServer, "service" | "server_id">): string =>
  `${service} ${server_id}`;

/** The chain that listeners follow; null where none says so, or they disagree. */
export function followedChain(servers: readonly ClusterServer[]): string | null {
  const chains = new Set(servers.flatMap(({ listener }) => listener?.chain ?? []));
  const [chain] = chains;
  return chains.size === 1 && chain !== undefined ? chain : null;
}
