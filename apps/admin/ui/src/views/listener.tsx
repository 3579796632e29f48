import type { JSX } from "preact";
import { usePolled } from "../api/poll.ts";
import type { Listeners, ListenerStatus } from "../api/types.ts";
import { DataTable, type Column } from "../components/data-table.tsx";
import { Empty, Loaded, Panel, Tile } from "../components/states.tsx";
import { Ago, Badge, Duration, Num } from "../components/values.tsx";
import { formatDuration } from "../format.ts";

const POLL_MS = 3_000;

type Endpoint = ListenerStatus["endpoints"][number];
type SourceStatus = ListenerStatus["sources"][number];

interface Row {
  readonly source: SourceStatus;
  readonly stream: SourceStatus["streams"][number];
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "Source", cell: ({ source }) => source.name },
  { name: "Endpoint", cell: ({ stream }) => stream.endpoint },
  { name: "State", cell: ({ stream }) => <Badge state={stream.state} /> },
  {
    name: "Addresses",
    right: true,
    cell: ({ stream, source }) => (
      <>
        <Num value={stream.live} /> of <Num value={source.wanted} />
      </>
    ),
  },
  { name: "Slot", right: true, cell: ({ stream }) => <Num value={stream.slot} /> },
  { name: "Slots behind", right: true, cell: ({ stream }) => <Num value={stream.lag} /> },
  { name: "Reported first", right: true, cell: ({ stream }) => <Num value={stream.won} /> },
  { name: "Missed", right: true, cell: ({ stream }) => <Num value={stream.missed} /> },
  { name: "Brought by catch-up", right: true, cell: ({ stream }) => <Num value={stream.backfilled} /> },
  { name: "Reconnects", right: true, cell: ({ stream }) => <Num value={stream.reconnects} /> },
];

function Streams({ sources }: Pick<ListenerStatus, "sources">): JSX.Element {
  if (sources.length === 0) return <Empty>It follows nothing.</Empty>;
  const rows = sources.flatMap((source) => source.streams.map((stream) => ({ source, stream })));
  return (
    <DataTable
      label="Sources and their nodes"
      columns={COLUMNS}
      rows={rows}
      keyOf={({ source, stream }) => `${source.name} ${stream.endpoint}`}
    />
  );
}

const ENDPOINT_COLUMNS: readonly Column<Endpoint>[] = [
  { name: "Node", cell: ({ endpoint }) => endpoint },
  {
    name: "State",
    cell: ({ pause_ms }) =>
      pause_ms === 0 ? (
        <Badge state="asked" />
      ) : (
        <span class="badge bad">paused, {formatDuration(pause_ms)}</span>
      ),
  },
  { name: "Requests", right: true, cell: ({ requests }) => <Num value={requests} /> },
  { name: "Too many (429)", right: true, cell: ({ rate_limited }) => <Num value={rate_limited} /> },
  { name: "Failed", right: true, cell: ({ failed }) => <Num value={failed} /> },
  {
    name: "Budget",
    right: true,
    cell: ({ per_second }) =>
      per_second === null ? <span class="faint">none</span> : <Num value={per_second} unit="/s" />,
  },
  { name: "Waiting for it", right: true, cell: ({ waiting }) => <Num value={waiting} /> },
];

function Endpoints({ endpoints }: Pick<ListenerStatus, "endpoints">): JSX.Element | null {
  if (endpoints.length === 0) return null;
  return (
    <>
      <h3>Requests to nodes, and what limits them</h3>
      <DataTable
        label="Requests to nodes"
        columns={ENDPOINT_COLUMNS}
        rows={endpoints}
        keyOf={({ endpoint }) => endpoint}
      />
    </>
  );
}

/** What nodes said in place of an answer. */
function Refusals({ refusals }: Pick<ListenerStatus, "refusals">): JSX.Element | null {
  if (refusals.length === 0) return null;
  return (
    <>
      <h3>What nodes last said in place of an answer</h3>
      <ul class="refusals">
        {refusals.map(({ endpoint, code, message, age_ms }) => (
          <li key={`${endpoint} ${message}`}>
            <strong>{endpoint}</strong> <Duration ms={age_ms} /> ago{code !== null && `, ${code}`}: {message}
          </li>
        ))}
      </ul>
    </>
  );
}

function Status({ status }: { readonly status: ListenerStatus }): JSX.Element {
  const missed = status.sources.flatMap(({ streams }) => streams.map((stream) => stream.missed));
  return (
    <>
      <dl class="tiles">
        <Tile label="Role">
          <Badge state={status.role} />
        </Tile>
        <Tile label="Newest slot">
          <Num value={status.slot} />
        </Tile>
        <Tile label="Proven up to slot">
          <Num value={status.watermark} />
        </Tile>
        <Tile label="Slot lag">
          <Num value={status.lag} />
        </Tile>
        <Tile label="Checkpoint saved">
          <Ago ms={status.checkpoint_age_ms} />
        </Tile>
        <Tile label="Last audit">
          <Ago ms={status.audit_age_ms} />
        </Tile>
        <Tile label="Missed by streams">
          <Num value={missed.reduce((sum, count) => sum + count, 0)} />
        </Tile>
        <Tile label="Awaiting fetch">
          <Num value={status.queues.signatures} />
        </Tile>
        <Tile label="Awaiting broker">
          <Num value={status.queues.messages} />
        </Tile>
        <Tile label="Awaiting finality">
          <Num value={status.queues.finality} />
        </Tile>
        <Tile label="Requests delayed">
          <Num value={status.requests_delayed} />
        </Tile>
      </dl>
      <Streams sources={status.sources} />
      <Endpoints endpoints={status.endpoints} />
      <Refusals refusals={status.refusals} />
      {status.spares.length > 0 && <p class="hint">Standing by: {status.spares.join(", ")}.</p>}
      {status.set_aside.length > 0 && (
        <p class="hint">Of another chain: {status.set_aside.map(({ endpoint }) => endpoint).join(", ")}.</p>
      )}
    </>
  );
}

/** What the listeners follow, from where, and how far it is proven complete. */
export function ListenerView(): JSX.Element {
  const polled = usePolled<Listeners>("/api/listener", POLL_MS);
  return (
    <>
      <h1>Listener</h1>
      <Loaded from={polled}>
        {({ listeners }) =>
          listeners.length === 0 ? (
            <Empty>No listener is in the registry: nothing of the chain is published.</Empty>
          ) : (
            listeners.map(({ server_id, instance, health, status }) => (
              <Panel key={instance} title={server_id} aside={<Badge state={health} />}>
                {status === null ? (
                  <Empty>It is of a version that tells its state in another way.</Empty>
                ) : (
                  <Status status={status} />
                )}
              </Panel>
            ))
          )
        }
      </Loaded>
    </>
  );
}
