import { getEventListeners } from "node:events";
import { sleepOrBack } from "@commcoin/broker";
import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import type { RpcTransport } from "@solana/kit";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBlockWalk } from "./blocks/block-walk.ts";
import { createEndingPace } from "./finality/ending-pace.ts";
import { createNameLookup } from "./metadata/name-lookup.ts";
import { createListenerMetrics } from "./metrics/listener-metrics.ts";
import { createPublisher } from "./pipeline/publisher.ts";
import { createWaitingLine } from "./pipeline/waiting-line.ts";
import { createBatchedTransport } from "./rpc/batched-transport.ts";
import { ConnectionLost } from "./rpc/connection-lost.ts";
import { createHttpTransport } from "./rpc/http-transport.ts";
import { createNodeRpc } from "./rpc/node-rpc.ts";
import { routerOf } from "./rpc/subscription-router.ts";
import { openChannel } from "./rpc/websocket-channel.ts";
import { createBudget, withBudget } from "./rpc/with-budget.ts";
import { createPlaces, withConcurrency } from "./rpc/with-concurrency.ts";
import { withRetry } from "./rpc/with-retry.ts";
import { withTimeout } from "./rpc/with-timeout.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { retry } from "./support/retry.ts";
import { endlessTerm } from "./testing/endless-term.ts";
import { acknowledge, startPubsubServer, type Peer, type Request } from "./testing/pubsub-server.ts";
import { startHttpNode } from "./testing/start-http-node.ts";

const HOUR_MS = 3_600_000;
const throttledLog = { warn: () => {} };
const REQUEST = { jsonrpc: "2.0", id: "1", method: "getTransaction", params: ["a"] };

const answering: RpcTransport = <Response>() =>
  Promise.resolve({ jsonrpc: "2.0", id: "1", result: null } as Response);
const failing: RpcTransport = () => Promise.reject(new Error("no"));

/** A node that answers the nth request with what is given for it; the last one goes on for all further ones. */
async function startNode(...answers: readonly ((request: Request, peer: Peer) => void)[]): Promise<string> {
  let asked = 0;
  const server = await startPubsubServer((request, peer) => {
    answers[Math.min(asked, answers.length - 1)]?.(request, peer);
    asked += 1;
  });
  onTestFinished(() => server.close());
  return server.url;
}
const end = new ConnectionLost("closed", "The test is over.");

/** What ends while the signal that it was given lives on, by name. */
const helpers: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  async "a walk along blocks"(signal) {
    const block = { slot: 1, parentSlot: 0, blockhash: "b", previousBlockhash: "a", transactions: [] };
    const walk = createBlockWalk({
      from: 1,
      to: 1,
      ask: () => Promise.resolve({ kind: "block", block }),
      list: () => Promise.resolve([1]),
      onBlock: () => Promise.resolve(),
      onLost: () => {},
      log: silentLogger,
      throttledLog,
    });
    walk.announce(1);
    await walk.run(signal);
    expect(walk.last).toBe(1);
  },
  async "a publisher"(signal) {
    const metrics = createListenerMetrics(createMetricsRegistry("listener"));
    const broker = { publish: () => Promise.resolve([]), watch: () => () => {} };
    const publisher = createPublisher({ broker, term: endlessTerm, log: silentLogger, metrics });
    publisher.close();
    await publisher.run(signal);
  },
  async "room in a line"(signal) {
    const line = createWaitingLine<number>({ capacity: 2 });
    for (const item of [1, 2, 3]) line.push(item);
    const room = line.untilCapacity(signal);
    for (let left = 3; left > 0; left -= 1) await line.take();
    await room;
  },
  async "the pace of endings"(signal) {
    const pace = createEndingPace();
    for (let endings = 0; endings < 99; endings += 1) await pace.published(signal);
    const last = pace.published(signal);
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => void setImmediate(resolve));
    pace.acknowledged();
    await last;
  },
  "a pause until the broker is back": (signal) => sleepOrBack({ watch: () => () => {} }, 1, signal),
  async retrying(signal) {
    let asked = 0;
    const ask = () => (asked++ < 2 ? Promise.reject(new Error("no")) : Promise.resolve(asked));
    await retry("cannot ask", ask, { throttledLog, signal, backoff: { minMs: 0, maxMs: 0 } });
  },
  "a look-up of names": (signal) =>
    createNameLookup(createNodeRpc(failing)).find("So11111111111111111111111111111111111111112", signal),
  async "places for requests"(signal) {
    const send = withConcurrency(answering, createPlaces(1), "live");
    await Promise.all([1, 2, 3].map(() => send({ payload: REQUEST, signal })));
  },
  async "a budget"(signal) {
    const budget = createBudget({ perSecond: 2, onDelay: () => {}, later: (send) => setTimeout(send, 1) });
    const send = withBudget(answering, budget, "live");
    await Promise.all([1, 2, 3].map(() => send({ payload: REQUEST, signal })));
  },
  "a time limit": (signal) => withTimeout(failing, HOUR_MS)({ payload: REQUEST, signal }).catch(() => {}),
  "a retry": (signal) =>
    withRetry(failing, { attempts: 3, minMs: 0, maxMs: 0 })({ payload: REQUEST, signal }).catch(() => {}),
  async "a request over HTTP"(signal) {
    const node = await startHttpNode((_, response) => response.end('{"jsonrpc":"2.0","id":"1","result":1}'));
    const send = createHttpTransport(`http://${node}`);
    for (let requests = 0; requests < 3; requests += 1) await send({ payload: REQUEST, signal });
    await expect(createHttpTransport("http://127.0.0.1:1")({ payload: REQUEST, signal })).rejects.toThrow(
      "ECONNREFUSED",
    );
  },
  async "channels that the node refused, hung up, or that were ended"(signal) {
    const refusing = await startHttpNode((_, response) => response.writeHead(404).end());
    await expect(openChannel({ url: `ws://${refusing}`, signal })).rejects.toThrow("404");
    const hangUp = await startNode((_, { socket }) => socket.close());
    const hung = await openChannel({ url: hangUp, signal });
    await hung.send("{}");
    await hung.lost;
    const ended = await openChannel({ url: hangUp, signal });
    ended.end(end);
    await ended.lost;
  },
  async "whoever listens to a channel"(signal) {
    const channel = await openChannel({ url: await startNode(() => {}), signal: createAbortScope().signal });
    channel.on("message", () => {}, { signal })();
    channel.on("error", () => {}, { signal })();
    channel.end(end);
  },
  async "subscribing, however it is answered"(signal) {
    const url = await startNode(
      (request, peer) => peer.send(acknowledge(request, 1)),
      ({ id }, peer) => peer.send({ jsonrpc: "2.0", id, error: { code: -32_000, message: "no" } }),
      ({ id }, peer) => peer.send({ jsonrpc: "2.0", id, result: null }),
      () => {},
      (_, { socket }) => socket.terminate(),
    );
    const channel = await openChannel({ url, signal: createAbortScope().signal });
    const router = routerOf(channel);
    const subscribe = (id: string, withinMs = HOUR_MS): Promise<unknown> =>
      router.subscribe({ id, method: "slotSubscribe" }, "slotUnsubscribe", withinMs, signal);
    expect(await subscribe("1")).toBe(1);
    await expect(subscribe("2")).rejects.toThrow("no");
    await expect(subscribe("3")).rejects.toThrow("without naming");
    await expect(subscribe("4", 20)).rejects.toThrow("did not acknowledge");
    await expect(subscribe("5")).rejects.toMatchObject({ cause: { reason: "closed" } });
    await expect(subscribe("6")).rejects.toMatchObject({ cause: { reason: "closed" } });
  },
  async "a batch"(signal) {
    const send = createBatchedTransport(answering, { onRefused: () => {} });
    await Promise.allSettled([1, 2].map((id) => send({ payload: { ...REQUEST, id: `${id}` }, signal })));
  },
};

describe("a signal that lives on", () => {
  it.each(Object.keys(helpers))("has no listeners left after %s", async (name) => {
    const { signal } = createAbortScope();
    await helpers[name]?.(signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
