import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { usePolled } from "../api/poll.ts";
import type { Cluster, Drained, Listeners, Server, Servers } from "../api/types.ts";
import { write } from "../api/write.ts";
import { Chart } from "../charts/chart.tsx";
import { closesOf } from "../close-words.ts";
import { confirm } from "../components/confirm-dialog.tsx";
import { tell, tellError } from "../components/notices.tsx";
import { Empty, Loaded, Panel, Table, Tile } from "../components/states.tsx";
import { Badge, Duration, Num } from "../components/values.tsx";
import { addSample, noSamples, total, type Sample, type Samples } from "../overview-samples.ts";

const POLL_MS = 3_000;

/** Kept while other views are shown. */
let kept: Samples = noSamples;

function useSamples(servers: readonly Server[] | undefined): readonly Sample[] {
  const [list, setList] = useState(kept.list);
  useEffect(() => {
    if (servers === undefined) return;
    kept = addSample(kept, servers, Date.now());
    setList(kept.list);
  }, [servers]);
  return list;
}

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

function ServerTable({ servers }: { readonly servers: readonly Server[] }): JSX.Element {
  if (servers.length === 0) return <Empty>No server is in the registry.</Empty>;
  return (
    <Table label="Servers">
      <thead>
        <tr>
          <th scope="col">Server</th>
          <th scope="col">Service</th>
          <th scope="col">Health</th>
          <th scope="col">State</th>
          <th scope="col" class="right">
            Connections
          </th>
          <th scope="col" class="right">
            Users
          </th>
          <th scope="col" class="right">
            Up for
          </th>
          <th scope="col" class="right">
            Heartbeat
          </th>
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <tr key={server.instance}>
            <th scope="row">{server.server_id}</th>
            <td>{server.service}</td>
            <td>
              <Badge state={server.health} />
            </td>
            <td>
              <Badge state={server.state} />
            </td>
            <td class="right">
              <Num value={server.counts["connections"]} />
            </td>
            <td class="right">
              <Num value={server.counts["users"]} />
            </td>
            <td class="right">
              <Duration ms={Date.now() - server.started_at} />
            </td>
            <td class="right">
              <Duration ms={server.age_ms} />
            </td>
            <td>
              {server.service === "gateway" && (
                <button
                  type="button"
                  class="small"
                  disabled={server.state === "draining"}
                  aria-label={`Drain ${server.server_id}`}
                  onClick={() => void drain(server)}
                >
                  {server.state === "draining" ? "Draining" : "Drain…"}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Charts({ samples }: { readonly samples: readonly Sample[] }): JSX.Element {
  const series = useMemo(() => {
    const of = (pick: (sample: Sample) => number | null): readonly (number | null)[] => samples.map(pick);
    const at = samples.map(({ at }) => at);
    return {
      connections: [at, of((sample) => sample.connections)] as const,
      messages: [at, of((sample) => sample.messagesIn), of((sample) => sample.messagesOut)] as const,
      latency: [at, of((sample) => sample.latencyMs)] as const,
    };
  }, [samples]);
  return (
    <div class="charts">
      <Panel title="Connections">
        <Chart
          label="Connections"
          lines={[{ label: "Connections", color: "--series-1" }]}
          data={series.connections}
        />
      </Panel>
      <Panel title="Messages per second">
        <Chart
          label="Messages per second"
          lines={[
            { label: "In", color: "--series-1" },
            { label: "Out", color: "--series-2" },
          ]}
          data={series.messages}
        />
      </Panel>
      <Panel title="Publish to send, ms">
        <Chart
          label="Milliseconds from publishing to sending"
          lines={[{ label: "Average", color: "--series-3" }]}
          data={series.latency}
        />
      </Panel>
    </div>
  );
}

function Closes({ servers }: { readonly servers: readonly Server[] }): JSX.Element {
  const closes = closesOf(servers);
  if (closes.length === 0) return <Empty>The gateways have closed no connection since they started.</Empty>;
  return (
    <Table label="Connections closed by the gateways">
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Why</th>
          <th scope="col" class="right">
            Since the start
          </th>
        </tr>
      </thead>
      <tbody>
        {closes.map(({ code, count, words }) => (
          <tr key={code}>
            <th scope="row">{code}</th>
            <td>{words}</td>
            <td class="right">
              <Num value={count} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

interface TilesProps {
  readonly servers: readonly Server[];
  readonly cluster: Cluster | undefined;
  readonly listeners: Listeners | undefined;
  readonly sample: Sample | undefined;
}

function Tiles({ servers, cluster, listeners, sample }: TilesProps): JSX.Element {
  const all = listeners?.listeners ?? [];
  const leader = all.find(({ status }) => status?.role === "leader") ?? all[0];
  return (
    <dl class="tiles">
      <Tile label="Connections">
        <Num value={cluster?.total_connections} />
      </Tile>
      <Tile label="Users">
        <Num value={cluster?.active_users} />
      </Tile>
      <Tile label="Messages in">
        <Num value={sample?.messagesIn} digits={3} unit="/s" />
      </Tile>
      <Tile label="Messages out">
        <Num value={sample?.messagesOut} digits={3} unit="/s" />
      </Tile>
      <Tile label="Publish to send">
        <Num value={sample?.latencyMs} digits={2} unit="ms" />
      </Tile>
      <Tile label="Slot lag">
        <Num value={leader?.status?.lag} unit="slots" />
      </Tile>
      <Tile label="Recoveries">
        <Num value={total(servers, "recoveries")} />
      </Tile>
      <Tile label="Resets">
        <Num value={total(servers, "resets")} />
      </Tile>
    </dl>
  );
}

/** The cluster at a glance. */
export function OverviewView(): JSX.Element {
  const polled = usePolled<Servers>("/api/servers", POLL_MS);
  const cluster = usePolled<Cluster>("/api/ws/connections", POLL_MS);
  const listeners = usePolled<Listeners>("/api/listener", POLL_MS);
  const samples = useSamples(polled.data?.servers);
  return (
    <>
      <h1>Overview</h1>
      <Loaded from={polled}>
        {({ servers }) => (
          <>
            <Tiles
              servers={servers}
              cluster={cluster.data}
              listeners={listeners.data}
              sample={samples.at(-1)}
            />
            <Charts samples={samples} />
            <Panel title="Servers">
              <ServerTable servers={servers} />
            </Panel>
            <Panel title="Connections closed by the gateways">
              <Closes servers={servers} />
            </Panel>
          </>
        )}
      </Loaded>
    </>
  );
}
