import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { usePolled } from "../api/poll.ts";
import type { Cluster, Listeners, Server, Servers } from "../api/types.ts";
import { Chart } from "../charts/chart.tsx";
import { Loaded, Panel, Tile } from "../components/states.tsx";
import { Num } from "../components/values.tsx";
import { Verdict } from "../components/verdict.tsx";
import { addSample, noSamples, total, type Sample, type Samples } from "../overview-samples.ts";
import { ClosedConnectionsPanel } from "./closed-connections.tsx";
import { ServerTable } from "./server-table.tsx";

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
          lines={[{ label: "Connections", color: "--series-1", swatch: "one-1" }]}
          data={series.connections}
          fromZero
        />
      </Panel>
      <Panel title="Messages per second">
        <Chart
          label="Messages per second"
          lines={[
            { label: "In", color: "--series-1", swatch: "one-1" },
            { label: "Out", color: "--series-2", swatch: "one-2" },
          ]}
          data={series.messages}
          fromZero
        />
      </Panel>
      <Panel title="Publish to send, ms">
        <Chart
          label="Milliseconds from publishing to sending"
          lines={[{ label: "Average", color: "--series-3", swatch: "one-3" }]}
          data={series.latency}
          waiting="It is measured as soon as messages go to somebody."
          fromZero
        />
      </Panel>
    </div>
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
            <Verdict servers={servers} listeners={listeners.data} />
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
            <ClosedConnectionsPanel servers={servers} />
          </>
        )}
      </Loaded>
    </>
  );
}
