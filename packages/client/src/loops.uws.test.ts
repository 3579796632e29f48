import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { Subscription } from "./subscriptions.ts";
import { event } from "./testing/machine.ts";
import { openPair, reaches } from "./testing/open-client.ts";

const start = [{ topic: "transactions", epoch: "e1", offset: 0 }];

/** A loop in the background: what it got, and how it ended. */
function loopOver(subscription: Subscription) {
  const offsets: number[] = [];
  const ended = (async () => {
    for await (const { offset } of subscription) offsets.push(offset);
  })();
  return { offsets, ended };
}

async function looping(options: Parameters<Awaited<ReturnType<typeof openPair>>["client"]["subscribe"]>[2]) {
  const subscriptions: Subscription[] = [];
  const pair = await openPair({}, (client) => {
    subscriptions.push(client.subscribe("transactions", null, options));
  });
  pair.peer.greet(start);
  await subscriptions[0]?.ready;
  const [subscription] = subscriptions;
  if (subscription === undefined) throw new Error("no subscription");
  return { ...pair, subscription };
}

describe("a loop over a subscription", () => {
  it("gets every message since the subscription, through a reconnect; to leave it unsubscribes", async () => {
    const { gateway, client, peer, subscription } = await looping({});
    for (const offset of [1, 2]) peer.send(event("transactions", offset));
    await eventually(() => expect(client.counts().delivered).toBe(2));
    const offsets: number[] = [];
    for await (const { offset } of subscription) {
      offsets.push(offset);
      if (offset === 2) {
        peer.terminate();
        void gateway.next().then((again) => {
          again.greet([{ topic: "transactions", epoch: "e1", offset: 3, recovered: true, replayed: 1 }]);
          for (const offset of [3, 4]) again.send(event("transactions", offset));
        });
      }
      if (offset === 4) break;
    }
    expect(offsets).toEqual([1, 2, 3, 4]);
    const second = gateway.peers[1];
    await eventually(() =>
      expect(second?.frames).toContainEqual({ type: "unsubscribe", data: { topic: "transactions" } }),
    );
    expect(client.positions()).toEqual(new Map());
  });

  it("ends with an error after what it got when more messages wait than the buffer takes", async () => {
    const { client, peer, subscription } = await looping({ buffer: 3 });
    for (const offset of [1, 2, 3, 4, 5]) peer.send(event("transactions", offset));
    await eventually(() =>
      expect(peer.frames).toEqual([{ type: "unsubscribe", data: { topic: "transactions" } }]),
    );
    const { offsets, ended } = loopOver(subscription);
    await expect(ended).rejects.toMatchObject({
      name: "SubscriptionError",
      code: "overflow",
      position: { epoch: "e1", offset: 3 },
    });
    expect(offsets).toEqual([1, 2, 3]);
    expect(client.state).toBe("connected");
  });

  it("just ends after unsubscribe, and when the application closes the client", async () => {
    const first = await looping({});
    const loop = loopOver(first.subscription);
    first.subscription.unsubscribe();
    await loop.ended;
    const second = await looping({});
    const other = loopOver(second.subscription);
    second.client.close();
    await other.ended;
    expect([...loop.offsets, ...other.offsets]).toEqual([]);
  });

  it("ends with an error when the server refuses the topic, or closes for good", async () => {
    const { peer, client } = await looping({});
    const refused = loopOver(client.subscribe("weather"));
    await eventually(() => expect(peer.frames).toHaveLength(1));
    const data = { code: "unknown_topic", message: "There is no topic weather." } as const;
    peer.send({ type: "error", id: peer.frames[0]?.id, data });
    await expect(refused.ended).rejects.toMatchObject({ topic: "weather", code: "unknown_topic" });
    const closed = loopOver(client.subscribe("market_data"));
    peer.close(3503, "disconnected by an operator");
    await expect(closed.ended).rejects.toMatchObject({ code: "closed" });
    await reaches(client, "closed");
  });

  it("throws the reason of an aborted signal at once", async () => {
    const controller = new AbortController();
    const { client, peer, subscription } = await looping({ signal: controller.signal });
    peer.send(event("transactions", 1));
    await eventually(() => expect(client.counts().delivered).toBe(1));
    controller.abort(new Error("enough"));
    const { offsets, ended } = loopOver(subscription);
    await expect(ended).rejects.toThrow("enough");
    expect(offsets).toEqual([]);
    await eventually(() => expect(peer.frames).toHaveLength(1));
    const late = client.subscribe("market_data", () => undefined, { signal: controller.signal });
    await expect(late.ready).rejects.toThrow("enough");
    expect(peer.frames).toHaveLength(1);
  });

  it("may look at a subscription with a handler, from then on", async () => {
    const { client, peer } = await looping({});
    const handled: number[] = [];
    const subscription = client.subscribe("transactions", ({ offset }) => handled.push(offset));
    peer.send(event("transactions", 1));
    await eventually(() => expect(handled).toEqual([1]));
    const { offsets } = loopOver(subscription);
    peer.send(event("transactions", 2));
    await eventually(() => expect(offsets).toEqual([2]));
    expect(handled).toEqual([1, 2]);
  });
});
