import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createListenerMetrics } from "../metrics.ts";
import { acknowledge, notify, startPubsubServer, type PubsubServer } from "../testing/pubsub-server.ts";
import { createNodeConnection } from "./node-connection.ts";

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
  const connection = createNodeConnection({ urls, log: silentLogger, metrics, slotStallMs });
  const stop = new AbortController();
  const running = connection.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  cleanUps.push(end);
  return { connection, metrics, stop, end };
}

describe("connection to one of several nodes", () => {
  it("tells the slot of the node, without the secrets in its address", async () => {
    const node = await startNode();
    const { connection } = connect([`${node.url}/secret-key?api-key=secret`]);
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    expect(connection.status()).toMatchObject({ open: true, slot: null, slotAgeMs: null });
    node.peers[0]?.send(slot(76));
    await vi.waitFor(() => expect(connection.status()).toMatchObject({ slot: 76, reconnects: 0 }));
    expect(connection.status().endpoint).toBe(node.url);
  });

  it("goes to the next node when a connection ends, and back in turn", async () => {
    const [first, second] = [await startNode(), await startNode()];
    const { connection } = connect([first.url, second.url]);
    await vi.waitFor(() => expect(first.peers).toHaveLength(1));
    first.peers[0]?.socket.close(1000);
    await vi.waitFor(() => expect(second.peers).toHaveLength(1), 5_000);
    second.peers[0]?.socket.close(1000);
    await vi.waitFor(() => expect(first.peers).toHaveLength(2), 5_000);
    expect(connection.nodes()).toMatchObject([
      { endpoint: first.url, spare: false, reconnects: 1 },
      { endpoint: second.url, spare: true, reconnects: 1 },
    ]);
  });

  it("gives up a node that announces no slots", async () => {
    const node = await startNode();
    const { metrics } = connect([node.url], 500);
    await vi.waitFor(() => expect(node.peers).toHaveLength(2), 5_000);
    expect((await metrics.reconnects.get()).values).toMatchObject([{ labels: { reason: "no_slots" } }]);
  });

  it("reads nothing while anybody holds it, and does not take that for a stall", async () => {
    const node = await startNode();
    const { connection } = connect([node.url], 500);
    await vi.waitFor(() => expect(node.requests).toHaveLength(1));
    node.peers[0]?.send(slot(1));
    await vi.waitFor(() => expect(connection.status().slot).toBe(1));
    const [one, other] = [{}, {}];
    connection.hold(one);
    connection.hold(other);
    node.peers[0]?.send(slot(2));
    connection.release(one);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(connection.status()).toMatchObject({ slot: 1, reconnects: 0 });
    connection.release(other);
    await vi.waitFor(() => expect(connection.status().slot).toBe(2));
  });

  it("gives sessions to those who wait, and null when it is too late", async () => {
    const node = await startNode();
    const { connection, stop, end } = connect([node.url]);
    const session = await connection.session(stop.signal);
    expect(session?.ended.aborted).toBe(false);
    await node.close();
    await vi.waitFor(() => expect(session?.ended.aborted).toBe(true));
    const next = connection.session(stop.signal);
    await end();
    expect(await next).toBeNull();
    expect(await connection.session(stop.signal)).toBeNull();
  });
});
