import type { JSX } from "preact";
import type { Drained, Server } from "../api/types.ts";
import { write } from "../api/write.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { DataTable, type Column } from "../components/data-table.tsx";
import { tell, tellError } from "../components/notices.tsx";
import { Empty } from "../components/states.tsx";
import { Badge, Duration, Num } from "../components/values.tsx";

async function drain({ server_id, counts }: Server): Promise<void> {
  const yes = await confirm({
    title: `Drain ${server_id}?`,
    text:
      `The gateway admits nobody any more and sends its ${counts["connections"] ?? 0} connections to the others, over time. ` +
      "It takes clients again only after a restart.",
    action: "Drain",
    danger: true,
  });
  if (!yes) return;
  try {
    const drained = await write<Drained>(`/api/servers/${encodeURIComponent(server_id)}/drain`);
    if (drained !== null) tell(`${server_id} drains ${drained.connections} connections.`);
  } catch (error) {
    tellError(error);
  }
}

function DrainButton({ server }: { readonly server: Server }): JSX.Element | null {
  if (server.service !== "gateway") return null;
  const draining = server.state === "draining";
  return (
    <button
      type="button"
      class="small"
      disabled={draining}
      aria-label={`Drain ${server.server_id}`}
      onClick={() => void drain(server)}
    >
      {draining ? "Draining" : "Drain…"}
    </button>
  );
}

const COLUMNS: readonly Column<Server>[] = [
  { name: "Server", cell: ({ server_id }) => server_id },
  { name: "Service", cell: ({ service }) => service },
  { name: "Health", cell: ({ health }) => <Badge state={health} /> },
  { name: "State", cell: ({ state }) => <Badge state={state} /> },
  { name: "Connections", right: true, cell: ({ counts }) => <Num value={counts["connections"]} /> },
  { name: "Users", right: true, cell: ({ counts }) => <Num value={counts["users"]} /> },
  {
    name: "Host",
    cell: ({ process }) =>
      process === undefined ? (
        <span class="faint">–</span>
      ) : (
        <span title={`version ${process.version}, port ${process.port}`}>{process.host}</span>
      ),
  },
  { name: "Up for", right: true, cell: ({ started_at }) => <Duration ms={Date.now() - started_at} /> },
  { name: "Last heartbeat", right: true, cell: ({ age_ms }) => <Duration ms={age_ms} /> },
  { name: "Action", cell: (server) => <DrainButton server={server} /> },
];

/** Every server of the registry, and what can be done with it. */
export function ServerTable({ servers }: { readonly servers: readonly Server[] }): JSX.Element {
  if (servers.length === 0) return <Empty>No server is in the registry.</Empty>;
  return <DataTable label="Servers" columns={COLUMNS} rows={servers} keyOf={({ instance }) => instance} />;
}
