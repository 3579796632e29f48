import { CommandError } from "../command-error.ts";
import { adminApi, show, type AdminOptions, type Context } from "../context.ts";
import { duration, table } from "../table.ts";

interface Connection {
  readonly id: string;
  readonly server_id: string;
  readonly user_id: string | null;
  readonly address: string;
  readonly since: number;
  readonly topics: readonly string[];
}

interface Page {
  readonly connections: readonly Connection[];
  readonly next_cursor: string | null;
  readonly missing_servers: readonly string[];
}

export interface ConnectionsOptions extends AdminOptions {
  readonly server?: string;
  readonly user?: string;
  readonly topic?: string;
  readonly limit: number;
}

const TOPICS_SHOWN = 3;
const PAGE_MAX = 100;
/** Every connection has them. */
const IMPLICIT = /^(broadcast$|server:|user:)/;

function topicsOf({ topics }: Connection): string {
  const asked = topics.filter((topic) => !IMPLICIT.test(topic));
  const more = asked.length - TOPICS_SHOWN;
  return more > 0 ? `${asked.slice(0, TOPICS_SHOWN).join(" ")} and ${more} more` : asked.join(" ");
}

async function readPages(context: Context, options: ConnectionsOptions): Promise<Page> {
  const api = adminApi(context, options);
  const connections: Connection[] = [];
  const missing = new Set<string>();
  let cursor: string | null | undefined;
  while (connections.length < options.limit && cursor !== null) {
    const page: Page = await api.get<Page>("/api/connections", {
      server_id: options.server,
      user_id: options.user,
      topic: options.topic,
      cursor,
      limit: String(Math.min(PAGE_MAX, options.limit - connections.length)),
    });
    connections.push(...page.connections);
    for (const server of page.missing_servers) missing.add(server);
    cursor = page.next_cursor;
  }
  return { connections, next_cursor: cursor ?? null, missing_servers: [...missing] };
}

export async function listConnections(context: Context, options: ConnectionsOptions): Promise<void> {
  const page = await readPages(context, options);
  show(context, options, page, () =>
    table(
      ["connection", "server", "user", "address", "since", "topics"],
      page.connections.map((one) => [
        one.id,
        one.server_id,
        one.user_id,
        one.address,
        duration(Date.now() - one.since),
        topicsOf(one),
      ]),
    ),
  );
  if (page.next_cursor !== null) context.warn("There are more: --limit shows them.\n");
  if (page.missing_servers.length > 0)
    context.warn(`Did not answer, and are left out: ${page.missing_servers.join(", ")}.\n`);
}

export interface DisconnectOptions extends AdminOptions {
  readonly connection?: string;
  readonly user?: string;
}

export async function disconnect(context: Context, options: DisconnectOptions): Promise<void> {
  const { connection, user } = options;
  if ((connection === undefined) === (user === undefined))
    throw new CommandError(
      "Say whom to disconnect: --connection <id>, or --user <id> for all of a user's connections.",
    );
  const path =
    user === undefined
      ? `/api/connections/${encodeURIComponent(connection ?? "")}/disconnect`
      : `/api/users/${encodeURIComponent(user)}/disconnect`;
  const answer = await adminApi(context, options).post(path);
  show(context, options, answer, () =>
    user === undefined
      ? `Disconnected ${connection}. It does not come back by itself (3503).\n`
      : `Disconnected the connections of ${user}. They do not come back by themselves (3503).\n`,
  );
}
