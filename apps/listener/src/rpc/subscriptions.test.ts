import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  acknowledge,
  notify,
  startPubsubServer,
  type Peer,
  type PubsubServer,
  type Request,
} from "../testing/pubsub-server.ts";
import { ConnectionLost } from "./connection-lost.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { openChannel, type NodeChannel } from "./websocket-channel.ts";

const MENTIONS = { mentions: ["11111111111111111111111111111111"] } as const;
const CONFIRMED = { commitment: "confirmed" } as const;

const open = new AbortController();
const servers: PubsubServer[] = [];
const stopServers = async (): Promise<void> => {
  for (const server of servers.splice(0)) await server.close();
};
afterEach(stopServers);

async function connect(
  onRequest: (request: Request, peer: Peer) => void,
  acknowledgementTimeoutMs?: number,
): Promise<{
  server: PubsubServer;
  channel: NodeChannel;
  subscriptions: ReturnType<typeof createSubscriptions>;
}> {
  const server = await startPubsubServer(onRequest);
  servers.push(server);
  const channel = await openChannel({ url: server.url, signal: open.signal });
  return { server, channel, subscriptions: createSubscriptions(channel, acknowledgementTimeoutMs) };
}

/** Reads notifications into `received` until the subscription ends; tells how. */
async function read(notifications: AsyncIterable<unknown>, received: unknown[]): Promise<unknown> {
  try {
    for await (const notification of notifications) received.push(notification);
    return "finished";
  } catch (error) {
    return error;
  }
}

describe("subscriptions over one channel", () => {
  it("asks for what the caller asked for", async () => {
    const { server, subscriptions } = await connect((request, peer) => peer.send(acknowledge(request, 1)));
    const abort = new AbortController();
    await subscriptions.logsNotifications(MENTIONS, CONFIRMED).subscribe({ abortSignal: abort.signal });
    expect(server.requests).toMatchObject([{ method: "logsSubscribe", params: [MENTIONS, CONFIRMED] }]);
    abort.abort();
    await eventually(() => {
      expect(server.requests[1]).toMatchObject({ method: "logsUnsubscribe", params: [1] });
    });
  });

  it("loses no notification that shares a segment with its acknowledgement", async () => {
    const { server, subscriptions } = await connect((request, peer) => {
      const numbers = Array.from({ length: 5 }, (_, n) => notify(1, { n }));
      peer.sendTogether(acknowledge(request, 1), ...numbers);
    });
    const notifications = await subscriptions.logsNotifications(MENTIONS, CONFIRMED).subscribe({
      abortSignal: new AbortController().signal,
    });
    const received: unknown[] = [];
    const end = read(notifications, received);
    await eventually(() => expect(received).toHaveLength(5));
    server.peers[0]?.send(notify(1, { n: 5 }));
    await eventually(() => expect(received).toEqual([0, 1, 2, 3, 4, 5].map((n) => ({ n }))));
    server.peers[0]?.socket.terminate();
    await end;
  });

  it("loses none when several acknowledgements and notifications come in one segment", async () => {
    const waiting: Request[] = [];
    const { subscriptions } = await connect((request, peer) => {
      waiting.push(request);
      if (waiting.length < 3) return;
      const frames = waiting.flatMap((request, index) => [
        acknowledge(request, index),
        ...waiting
          .slice(0, index + 1)
          .map((_, subscription) => notify(subscription, { of: subscription, at: index })),
      ]);
      peer.sendTogether(...frames);
    });
    const abort = new AbortController();
    const received: unknown[][] = [[], [], []];
    const ends = received.map(async (into) => {
      const pending = subscriptions.slotNotifications().subscribe({ abortSignal: abort.signal });
      return read(await pending, into);
    });
    await eventually(() => expect(received.map(({ length }) => length)).toEqual([3, 2, 1]));
    abort.abort();
    expect(await Promise.all(ends)).toEqual(["finished", "finished", "finished"]);
  });

  it.each([
    ["a clean close", (peer: Peer | undefined) => peer?.socket.close(1000, "idle"), "code 1000: idle"],
    ["another close", (peer: Peer | undefined) => peer?.socket.close(1012), "code 1012"],
    ["a reset", (peer: Peer | undefined) => peer?.socket.terminate(), "code 1006"],
  ])("ends every subscription with an error on %s", async (_, end, text) => {
    let subscription = 0;
    const { server, channel, subscriptions } = await connect((request, peer) => {
      subscription += 1;
      peer.send(acknowledge(request, subscription));
    });
    const abortSignal = new AbortController().signal;
    const first = read(await subscriptions.slotNotifications().subscribe({ abortSignal }), []);
    const second = read(
      await subscriptions.logsNotifications(MENTIONS, CONFIRMED).subscribe({ abortSignal }),
      [],
    );
    end(server.peers[0]);
    for (const error of await Promise.all([first, second])) {
      expect(error).toMatchObject({ cause: { name: "ConnectionLost", reason: "closed" } });
      expect(String((error as Error).cause)).toContain(text);
    }
    expect(await channel.lost).toBeInstanceOf(ConnectionLost);
    await expect(subscriptions.slotNotifications().subscribe({ abortSignal })).rejects.toThrow(
      /WebSocket|closed/,
    );
  });

  it("gives up when the node never acknowledges", async () => {
    const { subscriptions } = await connect(() => {}, 50);
    const abortSignal = new AbortController().signal;
    await expect(subscriptions.slotNotifications().subscribe({ abortSignal })).rejects.toMatchObject({
      reason: "no_acknowledgement",
    });
  });

  it("does not give up for an acknowledgement that lies in a paused socket", async () => {
    const { server, channel, subscriptions } = await connect((request, peer) =>
      peer.send(acknowledge(request, 1)),
    );
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    channel.pause();
    const abortSignal = new AbortController().signal;
    const subscribed = subscriptions.slotNotifications().subscribe({ abortSignal });
    await eventually(() => expect(server.requests).toHaveLength(1));
    vi.advanceTimersByTime(600_000);
    channel.resume();
    await expect(subscribed).resolves.toBeDefined();
  });

  it("tells an error of the node, and works the next time", async () => {
    let asked = 0;
    const { subscriptions } = await connect((request, peer) => {
      asked += 1;
      if (asked > 1) peer.send(acknowledge(request, 1));
      else peer.send({ jsonrpc: "2.0", id: request.id, error: { code: -32_602, message: "bad key" } });
    });
    const abortSignal = new AbortController().signal;
    await expect(subscriptions.slotNotifications().subscribe({ abortSignal })).rejects.toMatchObject({
      refusal: { code: -32_602, words: "bad key" },
    });
    await expect(subscriptions.slotNotifications().subscribe({ abortSignal })).resolves.toBeDefined();
  });

  it("ends a subscription that is acknowledged after nobody wants it any more", async () => {
    let held: { request: Request; peer: Peer } | undefined;
    const { server, subscriptions } = await connect((request, peer) => {
      held ??= { request, peer };
    });
    const abort = new AbortController();
    const pending = subscriptions.slotNotifications().subscribe({ abortSignal: abort.signal });
    await eventually(() => expect(held).toBeDefined());
    abort.abort();
    await expect(pending).rejects.toMatchObject({ name: "AbortError" });
    if (held !== undefined) held.peer.send(acknowledge(held.request, 9));
    await eventually(() => {
      expect(server.requests[1]).toMatchObject({ method: "slotUnsubscribe", params: [9] });
    });
  });

  it("keeps a subscription that two share until both have left it", async () => {
    const { server, subscriptions } = await connect((request, peer) => peer.send(acknowledge(request, 1)));
    const [first, second] = [new AbortController(), new AbortController()];
    const received: unknown[] = [];
    await subscriptions.slotNotifications().subscribe({ abortSignal: first.signal });
    void read(await subscriptions.slotNotifications().subscribe({ abortSignal: second.signal }), received);
    first.abort();
    server.peers[0]?.send(notify(1, { slot: 1 }));
    await eventually(() => expect(received).toEqual([{ slot: 1 }]));
    expect(server.requests).toHaveLength(2);
    second.abort();
    await eventually(() => expect(server.requests).toHaveLength(3));
  });
});
