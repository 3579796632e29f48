import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePolled } from "../api/poll.ts";
import type { Acted, Connection, Connections } from "../api/types.ts";
import { write } from "../api/write.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { Dialog } from "../components/dialog.tsx";
import { tell, tellError } from "../components/notices.tsx";
import { Empty, Loaded, MissingServers, Panel, Table } from "../components/states.tsx";
import { Duration, Num } from "../components/values.tsx";
import { formatDateTime } from "../format.ts";
import { Link } from "../navigation.tsx";
import { topicPath } from "../routes.ts";

const POLL_MS = 3_000;
const PAGE = 100;
const FIELDS = [
  { name: "user_id", label: "User" },
  { name: "server_id", label: "Server" },
  { name: "topic", label: "Topic" },
] as const;

async function disconnect(what: string, path: string): Promise<void> {
  const yes = await confirm({
    title: `Disconnect ${what}?`,
    text: "The connection is closed with code 3503: its client does not come back by itself.",
    action: "Disconnect",
    danger: true,
  });
  if (!yes) return;
  try {
    const done = await write<Acted>(path);
    if (done !== null)
      tell(`Closed ${done.connections === 1 ? "1 connection" : `${done.connections} connections`}.`);
  } catch (error) {
    tellError(error);
  }
}

function Details({
  connection,
  onClose,
}: {
  readonly connection: Connection;
  readonly onClose: () => void;
}): JSX.Element {
  const { id, user_id } = connection;
  return (
    <Dialog title={`Connection ${id}`} onCancel={onClose}>
      <dl class="facts">
        <dt>User</dt>
        <dd>{user_id ?? "none"}</dd>
        <dt>Server</dt>
        <dd>{connection.server_id}</dd>
        <dt>Address</dt>
        <dd>{connection.address}</dd>
        <dt>Program</dt>
        <dd>{connection.user_agent === "" ? "not told" : connection.user_agent}</dd>
        <dt>Open since</dt>
        <dd>{formatDateTime(connection.since)}</dd>
        <dt>Last heard of</dt>
        <dd>{formatDateTime(connection.last_seen)}</dd>
        <dt>Frames sent, received</dt>
        <dd>
          <Num value={connection.sent} />, <Num value={connection.received} />
        </dd>
        <dt>Bytes waiting</dt>
        <dd>
          <Num value={connection.buffered} />
        </dd>
        <dt>Topics ({connection.topic_count})</dt>
        <dd>
          {connection.topics.map((topic) => (
            <span key={topic}>
              <Link href={topicPath(topic)}>{topic}</Link>{" "}
            </span>
          ))}
        </dd>
      </dl>
      <div class="actions">
        <button
          type="button"
          class="danger"
          onClick={() =>
            void disconnect(`connection ${id}`, `/api/connections/${encodeURIComponent(id)}/disconnect`)
          }
        >
          Disconnect…
        </button>
        {user_id !== null && (
          <button
            type="button"
            class="danger"
            onClick={() =>
              void disconnect(
                `all connections of ${user_id}`,
                `/api/users/${encodeURIComponent(user_id)}/disconnect`,
              )
            }
          >
            Disconnect user…
          </button>
        )}
        <button type="button" class="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function ConnectionTable({ connections }: { readonly connections: readonly Connection[] }): JSX.Element {
  const [shown, setShown] = useState<string | null>(null);
  const selected = connections.find(({ id }) => id === shown);
  if (connections.length === 0) return <Empty>No connection fits.</Empty>;
  return (
    <>
      <Table label="Connections">
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">User</th>
            <th scope="col">Server</th>
            <th scope="col">Address</th>
            <th scope="col" class="right">
              Open for
            </th>
            <th scope="col" class="right">
              Topics
            </th>
            <th scope="col" class="right">
              Sent
            </th>
            <th scope="col" class="right">
              Bytes waiting
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <tr key={connection.id}>
              <th scope="row">
                <button type="button" class="address" onClick={() => setShown(connection.id)}>
                  {connection.id}
                </button>
              </th>
              <td>{connection.user_id ?? <span class="faint">–</span>}</td>
              <td>{connection.server_id}</td>
              <td>{connection.address}</td>
              <td class="right">
                <Duration ms={Date.now() - connection.since} />
              </td>
              <td class="right">
                <Num value={connection.topic_count} />
              </td>
              <td class="right">
                <Num value={connection.sent} />
              </td>
              <td class="right">
                <Num value={connection.buffered} />
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {selected !== undefined && <Details connection={selected} onClose={() => setShown(null)} />}
    </>
  );
}

/** Connections of all gateways, page by page. */
export function ConnectionsView(): JSX.Element {
  const [filter, setFilter] = useState<Readonly<Record<string, string>>>({});
  const [address, setAddress] = useState("");
  const [cursor, setCursor] = useState<string | null>(null);
  const query = new URLSearchParams({ ...filter, ...(cursor !== null && { cursor }), limit: String(PAGE) });
  const polled = usePolled<Connections>(`/api/connections?${query.toString()}`, POLL_MS);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = [...form].flatMap(([name, value]) =>
      typeof value === "string" && value.trim() !== "" ? [[name, value.trim()] as const] : [],
    );
    const { address: wanted = "", ...rest } = Object.fromEntries(given);
    setAddress(wanted);
    setFilter(rest);
    setCursor(null);
  };
  return (
    <>
      <h1>Connections</h1>
      <Panel title="Search">
        <form class="fields" onSubmit={submit}>
          {[...FIELDS, { name: "address", label: "Address, on this page" }].map(({ name, label }) => (
            <div key={name}>
              <label for={`filter-${name}`}>{label}</label>
              <input id={`filter-${name}`} name={name} autocomplete="off" />
            </div>
          ))}
          <button type="submit" class="primary">
            Search
          </button>
        </form>
      </Panel>
      <Panel title="Open connections">
        <Loaded from={polled}>
          {({ connections, next_cursor, missing_servers }) => (
            <>
              <MissingServers servers={missing_servers} />
              <ConnectionTable
                connections={connections.filter((connection) => connection.address.includes(address))}
              />
              <div class="actions">
                {cursor !== null && (
                  <button type="button" onClick={() => setCursor(null)}>
                    First page
                  </button>
                )}
                {next_cursor !== null && (
                  <button type="button" onClick={() => setCursor(next_cursor)}>
                    Next page
                  </button>
                )}
              </div>
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}
