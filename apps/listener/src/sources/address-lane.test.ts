import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import type { RpcTransport } from "@solana/kit";
import { afterEach, describe, expect, it } from "vitest";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import { createNodeRpc, type SignatureEntry } from "../rpc/node-rpc.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import { acknowledge, notify, startPubsubServer, type Peer, type Request } from "../testing/pubsub-server.ts";
import { followAddress } from "./address-lane.ts";
import { createNodeConnection } from "./node-connection.ts";

const ADDRESS = "11111111111111111111111111111111";
const SLOTS = 1;
const LOGS = 2;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A signature that can be told apart by its letter. */
const signature = (letter: string): string => letter.repeat(88);
const logs = (letter: string, slot: number): unknown =>
  notify(LOGS, { context: { slot }, value: { signature: signature(letter), err: null, logs: [] } });
const entry = (letter: string, slot: number): SignatureEntry => ({
  signature: signature(letter),
  slot,
  err: null,
});

interface SetUp {
  /** History of the address, the newest first; may change. */
  history: readonly SignatureEntry[];
  /** Resolves before the node answers a listing. */
  listing?: Promise<void>;
  readonly onRequest?: (request: Request, peer: Peer, answer: () => void) => void;
}

/** A lane on a node whose notifications and history the test writes. */
async function setUp(node: SetUp) {
  const server = await startPubsubServer((request, peer) => {
    const answer = (): void =>
      peer.send(acknowledge(request, request.method === "slotSubscribe" ? SLOTS : LOGS));
    if (node.onRequest === undefined) answer();
    else node.onRequest(request, peer, answer);
  });
  const listed: unknown[] = [];
  const transport: RpcTransport = async <Response>({ payload, signal }: Parameters<RpcTransport>[0]) => {
    const [, config] = (payload as { params: [string, { before?: string; minContextSlot: number }] }).params;
    const givenUp = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("given up")));
    });
    await Promise.race([node.listing, givenUp]);
    if (config.before === undefined) listed.push(config.minContextSlot);
    return { jsonrpc: "2.0", id: "1", result: config.before === undefined ? node.history : [] } as Response;
  };
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const stop = new AbortController();
  const connection = createNodeConnection({
    endpoint: { name: "node", url: server.url },
    exchange: (same) => same,
    onLost: () => {},
    onFault: () => {},
    onSlot: () => true,
    log: silentLogger,
    metrics,
    slotStallMs: 10_000,
  });
  const got: SignatureNotification[] = [];
  const states: string[] = [];
  const running = Promise.all([
    connection.run(stop.signal),
    followAddress(
      ADDRESS,
      100,
      {
        source: "program",
        connection,
        rpc: createNodeRpc(transport),
        intake: { offer: (notification) => got.push(notification), untilCapacity: () => Promise.resolve() },
        log: silentLogger,
        throttledLog: createThrottledLog(silentLogger),
        metrics,
        reports: { subscription: () => {} },
        largeGap: 1_000,
        onGap: () => {},
        onState: (state) => states.push(state),
      },
      stop.signal,
    ),
  ]);
  cleanUps.push(async () => {
    stop.abort();
    await running;
    await server.close();
  });
  const subscribed = (times: number) =>
    eventually(() => {
      expect(server.requests.filter(({ method }) => method === "logsSubscribe")).toHaveLength(times);
    });
  const text = () => got.map(({ signature, slot, origin }) => `${signature[0]}${slot}${origin[0]}`).join(" ");
  return { server, metrics, listed, states, subscribed, text };
}

describe("following an address", () => {
  it("holds back what comes in until it has listed what was before, and keeps the order of the chain", async () => {
    let list = (): void => {};
    const listing = new Promise<void>((resolve) => {
      list = resolve;
    });
    const { server, subscribed, text, states, metrics } = await setUp({
      history: [entry("D", 104), entry("C", 103), entry("B", 102), entry("A", 99)],
      listing,
    });
    await subscribed(1);
    for (const [letter, slot] of [
      ["C", 103],
      ["E", 105],
    ] as const)
      server.peers[0]?.send(logs(letter, slot));
    // Frames are read in order: when this one was, those before it were.
    server.peers[0]?.send(notify(LOGS, "the last"));
    await eventually(async () =>
      expect((await metrics.malformed.get()).values).toMatchObject([{ value: 1 }]),
    );
    expect(text()).toBe("");
    expect(states).toEqual(["subscribing", "backfilling"]);
    list();
    await eventually(() => expect(text()).toBe("B102b C103l D104b E105l"));
    expect(states.at(-1)).toBe("live");
    server.peers[0]?.send(logs("F", 106));
    await eventually(() => expect(text()).toMatch(/ F106l$/));
  });

  it("lists what it missed after the connection was lost, from a little before what it passed on last", async () => {
    const node: SetUp = { history: [] };
    const { server, subscribed, text, listed, states, metrics } = await setUp(node);
    await subscribed(1);
    server.peers[0]?.send(logs("A", 150));
    await eventually(() => expect(text()).toBe("A150l"));
    node.history = [entry("C", 152), entry("B", 151), entry("A", 150)];
    server.peers[0]?.socket.close(1000);
    await eventually(() => expect(text()).toBe("A150l A150b B151b C152b"));
    expect(listed).toEqual([100, 142]);
    const attempt = ["subscribing", "backfilling", "live"];
    expect(states).toEqual([...attempt, "idle", ...attempt]);
    expect((await metrics.reconnects.get()).values).toMatchObject([
      { labels: { reason: "closed", endpoint: "node" }, value: 1 },
    ]);
  });

  it("does not move on over a gap that it could not list", async () => {
    const node: SetUp = { history: [], listing: new Promise(() => {}) };
    const { server, subscribed, text, listed, metrics } = await setUp(node);
    await subscribed(1);
    server.peers[0]?.send(logs("Z", 500));
    server.peers[0]?.send(notify(LOGS, "the last"));
    await eventually(async () =>
      expect((await metrics.malformed.get()).values).toMatchObject([{ value: 1 }]),
    );
    node.listing = Promise.resolve();
    node.history = [entry("Z", 500), entry("B", 102)];
    server.peers[0]?.socket.terminate();
    await eventually(() => expect(text()).toBe("B102b Z500b"));
    expect(listed).toEqual([100]);
  });

  it("subscribes again when the node refuses", async () => {
    let refused = 0;
    const { subscribed, server, text, metrics } = await setUp({
      history: [],
      onRequest(request, peer, answer) {
        if (request.method !== "logsSubscribe" || refused >= 2) return answer();
        refused += 1;
        const message = "Internal Error: Subscription refused. Node subscription limit reached";
        peer.send({ jsonrpc: "2.0", id: request.id, error: { code: -32_603, message } });
      },
    });
    await subscribed(3);
    server.peers[0]?.send(logs("A", 101));
    await eventually(() => expect(text()).toBe("A101l"));
    expect(server.peers).toHaveLength(1);
    expect((await metrics.resubscribes.get()).values).toMatchObject([{ value: 2 }]);
  });

  it("counts notifications that it does not understand, and goes on", async () => {
    const { subscribed, server, text, metrics } = await setUp({ history: [] });
    await subscribed(1);
    server.peers[0]?.send(notify(LOGS, { context: { slot: 1 } }));
    server.peers[0]?.send(logs("1", 101));
    server.peers[0]?.send(logs("A", 102));
    await eventually(() => expect(text()).toBe("1101l A102l"));
    expect((await metrics.malformed.get()).values).toMatchObject([{ value: 1 }]);
  });
});
