import type { JSX } from "preact";
import { usePolled } from "../api/poll.ts";
import type { Listeners, ListenerStatus } from "../api/types.ts";
import { Empty, Loaded, Panel, Table, Tile } from "../components/states.tsx";
import { Badge, Duration, Num } from "../components/values.tsx";

const POLL_MS = 3_000;

const COLUMNS = [
  "Source",
  "Endpoint",
  "State",
  "Addresses",
  "Slot",
  "Behind",
  "Missed",
  "Reconnects",
  "First",
  "Caught up",
];

function Streams({ sources }: Pick<ListenerStatus, "sources">): JSX.Element {
  if (sources.length === 0) return <Empty>It follows nothing.</Empty>;
  return (
    <Table label="Sources and their nodes">
      <thead>
        <tr>
          {COLUMNS.map((name, index) => (
            <th key={name} scope="col" class={index > 2 ? "right" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sources.flatMap(({ name, wanted, streams }) =>
          streams.map((stream) => (
            <tr key={`${name} ${stream.endpoint}`}>
              <th scope="row">{name}</th>
              <td>{stream.endpoint}</td>
              <td>
                <Badge state={stream.state} />
              </td>
              <td class="right">
                <Num value={stream.live} /> of <Num value={wanted} />
              </td>
              <td class="right">
                <Num value={stream.slot} />
              </td>
              <td class="right">
                <Num value={stream.lag} />
              </td>
              <td class="right">
                <Num value={stream.missed} />
              </td>
              <td class="right">
                <Num value={stream.reconnects} />
              </td>
              <td class="right">
                <Num value={stream.won} />
              </td>
              <td class="right">
                <Num value={stream.backfilled} />
              </td>
            </tr>
          )),
        )}
      </tbody>
    </Table>
  );
}

function Status({ status }: { readonly status: ListenerStatus }): JSX.Element {
  return (
    <>
      <dl class="tiles">
        <Tile label="Role">
          <Badge state={status.role} />
        </Tile>
        <Tile label="Newest slot">
          <Num value={status.slot} />
        </Tile>
        <Tile label="Proven complete up to">
          <Num value={status.watermark} />
        </Tile>
        <Tile label="Slot lag">
          <Num value={status.lag} />
        </Tile>
        <Tile label="Last audit">
          <Duration ms={status.audit_age_ms} />
        </Tile>
        <Tile label="Awaiting transactions">
          <Num value={status.queues.signatures} />
        </Tile>
        <Tile label="Awaiting the broker">
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
