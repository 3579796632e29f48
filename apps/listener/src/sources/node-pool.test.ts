import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import { createNodeReports } from "../rpc/node-reports.ts";
import { acknowledge, notify, startPubsubServer, type PubsubServer } from "../testing/pubsub-server.ts";
import type { Session } from "./node-connection.ts";
import { createNodePool } from "./node-pool.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startNode(): Promise<PubsubServer> {
  const server = await startPubsubServer((request, peer) => peer.send(acknowledge(request, 1)));
  cleanUps.push(() => server.close());
  return server;
}

const slot = (number: number): unknown =>
  notify(1, { slot: number, parent: number - 1, root: 0 }, "slotNotification");

function connect(urls: readonly string[], slotStallMs = 10_000) {
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const reports = createNodeReports(silentLogger, metrics);
  const pool = createNodePool({ urls, log: silentLogger, metrics, slotStallMs, reports });
  const stop = new AbortController();
  const running = pool.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  cleanUps.push(end);
  return { pool, metrics, end };
}

const subscribedToSlots = (node: PubsubServer, times = 1): Promise<void> =>
  eventually(() => expect(node.requests).toHaveLength(times));

describe("the connections to several nodes", () => {
  it("tell the slot of the node, without the secrets in its address", async () => {
    const node = await startNode();
    const { pool } = connect([`${node.url}/secret-key?api-key=secret`]);
    await subscribedToSlots(node);
    await eventually(() =>
      expect(pool.nodes()).toMatchObject([{ state: "live", slot: null, slotAgeMs: null }]),
    );
    expect(pool.slot).toBeNull();
    node.peers[0]?.send(slot(76));
    await eventually(() => expect(pool.slot).toBe(76));
    expect(pool.nodes()).toMatchObject([{ endpoint: node.url, slot: 76, reconnects: 0, spare: false }]);
  });

  it("are with two at a time, and the newest slot is that of the one that is ahead", async () => {
    const [first, second] = [await startNode(), await startNode()];
    const { pool } = connect([first.url, second.url]);
    await Promise.all([subscribedToSlots(first), subscribedToSlots(second)]);
    first.peers[0]?.send(slot(7));
    second.peers[0]?.send(slot(9));
    await eventually(() => expect(pool.nodes().map((node) => node.slot)).toEqual([7, 9]));
    expect(pool.slot).toBe(9);
    expect(first.peers).toHaveLength(1);
    expect(second.peers).toHaveLength(1);
  });

  it("leave a node whose connection ends for the spare, and it is the spare then", async () => {
    const [first, second, third] = [await startNode(), await startNode(), await startNode()];
    const { pool } = connect([first.url, second.url, third.url]);
    await Promise.all([subscribedToSlots(first), subscribedToSlots(second)]);
    expect(third.peers).toHaveLength(0);
    first.peers[0]?.socket.close(1000);
    await subscribedToSlots(third);
    second.peers[0]?.socket.terminate();
    await subscribedToSlots(first, 2);
    await eventually(() =>
      expect(pool.nodes()).toMatchObject([
        { endpoint: third.url, state: "live", spare: false, reconnects: 0 },
        { endpoint: first.url, state: "live", spare: false, reconnects: 1 },
        { endpoint: second.url, state: "idle", spare: true, reconnects: 1 },
      ]),
    );
  });

  it("give up a node that announces no slots, and one that does not acknowledge", async () => {
    const node = await startNode();
    const { metrics } = connect([node.url], 500);
    await eventually(() => expect(node.peers).toHaveLength(2));
    expect((await metrics.reconnects.get()).values).toMatchObject([{ labels: { reason: "no_slots" } }]);
  });

  it("read nothing while anybody holds them, and do not take that for a stall", async () => {
    const node = await startNode();
    const stallMs = 300;
    const { pool } = connect([node.url], stallMs);
    await subscribedToSlots(node);
    node.peers[0]?.send(slot(1));
    await eventually(() => expect(pool.slot).toBe(1));
    const [one, other] = [{}, {}];
    pool.hold(one);
    pool.hold(other);
    node.peers[0]?.send(slot(2));
    pool.release(one);
    // The watchdog has looked when it is so old, found it old enough to be given up, and excused it.
    await eventually(() => expect(pool.nodes()[0]?.slotAgeMs).toBeGreaterThan(1_500));
    expect(pool.nodes()).toMatchObject([{ slot: 1, reconnects: 0 }]);
    pool.release(other);
    await eventually(() => expect(pool.slot).toBe(2));
  });

  it("tell of sessions: of the one that is live at once, and of its end", async () => {
    const node = await startNode();
    const { pool, end } = connect([node.url]);
    await subscribedToSlots(node);
    const told: (Session | null)[] = [];
    const [connection] = pool.connections;
    const stop = connection?.watch((session) => told.push(session));
    await eventually(() => expect(told.at(-1)).toMatchObject({ endpoint: node.url }));
    const late: (Session | null)[] = [];
    connection?.watch((session) => late.push(session));
    expect(late).toEqual(told);
    connection?.lose(new ConnectionLost("silent", "It says nothing."));
    await eventually(() => expect(told.map((session) => session === null)).toEqual([false, true, false]));
    stop?.();
    await end();
    expect(told).toHaveLength(3);
    expect(late.at(-1)).toBeNull();
  });

  it("have a name each where two ways lead to one host", async () => {
    const node = await startNode();
    const { pool } = connect([`${node.url}/one`, `${node.url}/two`]);
    await eventually(() =>
      expect(pool.nodes().map(({ endpoint }) => endpoint)).toEqual([node.url, `${node.url}#2`]),
    );
  });
});
