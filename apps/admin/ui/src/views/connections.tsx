import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePolled } from "../api/poll.ts";
import type { Connection, Connections } from "../api/types.ts";
import { DataTable, type Column } from "../components/data-table.tsx";
import { Empty, Loaded, MissingServers, Panel } from "../components/states.tsx";
import { Duration, Num } from "../components/values.tsx";
import { navigate, query } from "../navigation.tsx";
import { connectionsPath } from "../routes.ts";
import { ConnectionDetails } from "./connection-details.tsx";

const POLL_MS = 3_000;
const PAGE = 100;
const FIELDS = [
  { name: "user_id", label: "User", example: "123" },
  { name: "address", label: "Address", example: "203.0.113.9 or 203.0.113." },
  { name: "server_id", label: "Server", example: "gateway-1" },
  { name: "topic", label: "Topic", example: "market_data" },
] as const;
type Filter = Readonly<Partial<Record<(typeof FIELDS)[number]["name"], string>>>;

/** What the address bar asks for. */
function readFilter(search: string): Filter {
  const given = new URLSearchParams(search);
  return Object.fromEntries(
    FIELDS.flatMap(({ name }) => {
      const value = (given.get(name) ?? "").trim();
      return value === "" ? [] : [[name, value]];
    }),
  );
}

function Search({ filter }: { readonly filter: Filter }): JSX.Element {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const typed = [...form].flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value.trim()] as const] : [],
    );
    navigate(connectionsPath(Object.fromEntries(typed)));
  };
  return (
    <Panel title="Search">
      <form class="fields search" onSubmit={submit}>
        {FIELDS.map(({ name, label, example }) => (
          <div key={name}>
            <label for={`filter-${name}`}>{label}</label>
            <input
              id={`filter-${name}`}
              name={name}
              defaultValue={filter[name] ?? ""}
              placeholder={example}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
            />
          </div>
        ))}
        <div class="buttons">
          <button type="submit" class="primary">
            Search
          </button>
          {Object.keys(filter).length > 0 && (
            <button type="button" onClick={() => navigate(connectionsPath())}>
              Show all
            </button>
          )}
        </div>
      </form>
    </Panel>
  );
}

const columnsOf = (onOpen: (connection: Connection) => void): readonly Column<Connection>[] => [
  {
    name: "Connection",
    cell: (connection) => (
      <button type="button" class="address" onClick={() => onOpen(connection)}>
        {connection.id}
      </button>
    ),
  },
  { name: "User", cell: ({ user_id }) => user_id ?? <span class="faint">–</span> },
  { name: "Server", cell: ({ server_id }) => server_id },
  { name: "Address", cell: ({ address }) => address },
  { name: "Open for", right: true, cell: ({ since }) => <Duration ms={Date.now() - since} /> },
  { name: "Topics", right: true, cell: ({ topic_count }) => <Num value={topic_count} /> },
  { name: "Sent", right: true, cell: ({ sent }) => <Num value={sent} /> },
  { name: "Bytes waiting", right: true, cell: ({ buffered }) => <Num value={buffered} /> },
];

function ConnectionTable({ connections }: { readonly connections: readonly Connection[] }): JSX.Element {
  const [shown, setShown] = useState<Connection | null>(null);
  return (
    <>
      {connections.length === 0 ? (
        <Empty>No connection fits.</Empty>
      ) : (
        <DataTable
          label="Connections"
          columns={columnsOf(setShown)}
          rows={connections}
          keyOf={({ id }) => id}
        />
      )}
      {shown !== null && <ConnectionDetails known={shown} onClose={() => setShown(null)} />}
    </>
  );
}

/** One page after the other; the ones before are found by where they began. */
function Pages({ filter }: { readonly filter: Filter }): JSX.Element {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const asked = new URLSearchParams({ ...filter, ...(cursor && { cursor }), limit: String(PAGE) });
  const polled = usePolled<Connections>(`/api/connections?${asked.toString()}`, POLL_MS);
  return (
    <Panel
      title="Open connections"
      aside={cursors.length > 0 && <span class="faint">Page {cursors.length + 1}</span>}
    >
      <Loaded from={polled}>
        {({ connections, next_cursor, missing_servers }) => (
          <>
            <MissingServers servers={missing_servers} />
            <ConnectionTable connections={connections} />
            {(cursors.length > 0 || next_cursor !== null) && (
              <div class="actions">
                <button
                  type="button"
                  disabled={cursors.length === 0}
                  onClick={() => setCursors(cursors.slice(0, -1))}
                >
                  Previous page
                </button>
                <button
                  type="button"
                  disabled={next_cursor === null}
                  onClick={() => next_cursor !== null && setCursors([...cursors, next_cursor])}
                >
                  Next page
                </button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** Connections of all gateways that fit what the address bar says, page by page. */
export function ConnectionsView(): JSX.Element {
  const search = query.value;
  const filter = readFilter(search);
  return (
    <>
      <h1>Connections</h1>
      <Search key={`search ${search}`} filter={filter} />
      <Pages key={`pages ${search}`} filter={filter} />
    </>
  );
}
