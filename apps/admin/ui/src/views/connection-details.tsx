import type { JSX } from "preact";
import { usePolled } from "../api/poll.ts";
import type { Acted, Connection } from "../api/types.ts";
import { write } from "../api/write.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { Dialog } from "../components/dialog.tsx";
import { tell, tellError } from "../components/notices.tsx";
import { Failure } from "../components/states.tsx";
import { Num } from "../components/values.tsx";
import { formatDateTime } from "../format.ts";
import { Link } from "../navigation.tsx";
import { topicPath } from "../routes.ts";

const POLL_MS = 3_000;

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

interface ConnectionDetailsProps {
  /** As it stood in a list. */
  readonly known: Connection;
  readonly onClose: () => void;
}

/** All that is known of one connection, and ending it, or all of its user. */
export function ConnectionDetails({ known, onClose }: ConnectionDetailsProps): JSX.Element {
  const { id, user_id } = known;
  const path = `/api/connections/${encodeURIComponent(id)}`;
  const { data: connection = known, error } = usePolled<Connection>(path, POLL_MS);
  return (
    <Dialog title={`Connection ${id}`} onCancel={onClose}>
      {error !== null && <Failure>{error}</Failure>}
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
          onClick={() => void disconnect(`connection ${id}`, `${path}/disconnect`)}
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
