import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePolled } from "../api/poll.ts";
import type { ClosedConnection, ClosedConnections, Server } from "../api/types.ts";
import { closeDetail, closesOf, closeWords } from "../close-words.ts";
import { DataTable, type Column } from "../components/data-table.tsx";
import { Empty, Loaded, MissingServers, Panel } from "../components/states.tsx";
import { Duration, Num, Time } from "../components/values.tsx";
import { Link } from "../navigation.tsx";
import { connectionsPath } from "../routes.ts";

const POLL_MS = 5_000;
/** What a person looks at, and what somebody does who searches for something. */
const FEW = 10;
const MANY = 100;

function Why({ connection }: { readonly connection: ClosedConnection }): JSX.Element {
  const { code, reason, by_gateway } = connection;
  const detail = closeDetail(code, reason, by_gateway);
  return (
    <span title={reason}>
      {closeWords(code, by_gateway)}
      {detail !== "" && <span class="faint"> “{detail}”</span>}
    </span>
  );
}

const COLUMNS: readonly Column<ClosedConnection>[] = [
  { name: "When", cell: ({ closed_at }) => <Time ms={closed_at} /> },
  { name: "Code", cell: ({ code }) => code },
  { name: "Why", cell: (connection) => <Why connection={connection} /> },
  {
    name: "User",
    cell: ({ user_id }) =>
      user_id === null ? (
        <span class="faint">–</span>
      ) : (
        <Link href={connectionsPath({ user_id })}>{user_id}</Link>
      ),
  },
  {
    name: "Address",
    cell: ({ address }) => <Link href={connectionsPath({ address })}>{address}</Link>,
  },
  { name: "Server", cell: ({ server_id }) => server_id },
  {
    name: "Was open for",
    right: true,
    cell: ({ since, closed_at }) => <Duration ms={closed_at - since} />,
  },
];

/** How often the gateways closed connections themselves, by reason. */
function Counts({ servers }: { readonly servers: readonly Server[] }): JSX.Element | null {
  const closes = closesOf(servers);
  if (closes.length === 0) return null;
  return (
    <>
      <h3>Closed by the gateways since they started</h3>
      <ul class="counts">
        {closes.map(({ code, count, words }) => (
          <li key={code}>
            <strong>
              <Num value={count} />
            </strong>{" "}
            × {words} <span class="faint">({code})</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The connections that ended last, and why. */
export function ClosedConnectionsPanel({ servers }: { readonly servers: readonly Server[] }): JSX.Element {
  const [limit, setLimit] = useState(FEW);
  const polled = usePolled<ClosedConnections>(`/api/closed-connections?limit=${limit}`, POLL_MS);
  const other = limit === FEW ? MANY : FEW;
  return (
    <Panel
      title="Last closed connections"
      aside={
        <button type="button" class="small" onClick={() => setLimit(other)}>
          Show the last {other}
        </button>
      }
    >
      <Loaded from={polled}>
        {({ connections, missing_servers }) => (
          <>
            <MissingServers servers={missing_servers} />
            {connections.length === 0 ? (
              <Empty>No connection has ended since the gateways started.</Empty>
            ) : (
              <DataTable
                label="Last closed connections"
                columns={COLUMNS}
                rows={connections}
                keyOf={({ id, server_id }) => `${server_id} ${id}`}
              />
            )}
          </>
        )}
      </Loaded>
      <Counts servers={servers} />
    </Panel>
  );
}
