import { adminApi, show, type AdminOptions, type Context } from "../context.ts";
import { duration, table } from "../table.ts";

interface Server {
  readonly server_id: string;
  readonly service: string;
  readonly state: string;
  readonly health: string;
  readonly started_at: number;
  readonly age_ms: number;
  readonly counts: Readonly<Record<string, number>>;
}

export async function listServers(context: Context, options: AdminOptions): Promise<void> {
  const answer = await adminApi(context, options).get<{ readonly servers: readonly Server[] }>(
    "/api/servers",
  );
  show(context, options, answer, () =>
    table(
      ["server", "service", "state", "health", "up", "heartbeat", "counts"],
      answer.servers.map((server) => [
        server.server_id,
        server.service,
        server.state.replace("_", " "),
        server.health,
        duration(Date.now() - server.started_at),
        `${duration(server.age_ms)} ago`,
        Object.entries(server.counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(", "),
      ]),
    ),
  );
}

export async function drainServer(context: Context, id: string, options: AdminOptions): Promise<void> {
  const answer = await adminApi(context, options).post<{ readonly connections: number }>(
    `/api/servers/${encodeURIComponent(id)}/drain`,
  );
  show(
    context,
    options,
    answer,
    () =>
      `${id} sends its ${answer.connections} clients to the other gateways. It runs on until it is stopped.\n`,
  );
}
