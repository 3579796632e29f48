import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { Position } from "./protocol.ts";
import type { Peer } from "./testing/fake-gateway.ts";
import { event } from "./testing/machine.ts";
import { openPair, reaches } from "./testing/open-client.ts";

const EPOCH = "e1";
const place = (offset: number) => ({ epoch: EPOCH, offset });

/** Answers the newest request of a peer with messages of a topic whose newest is `top`. */
async function answer(peer: Peer, requests: number, offsets: readonly number[], top: number): Promise<void> {
  await eventually(() => expect(peer.frames).toHaveLength(requests));
  const request = peer.frames[requests - 1];
  if (request?.type !== "history") throw new Error("no request for history");
  const { topic } = request.data;
  const messages = offsets.map((offset) => event(topic, offset));
  peer.send({
    type: "history",
    id: request.id,
    data: { topic, ...place(top), recovered: true, messages },
  });
}

describe("history", () => {
  it("is read page by page, up to where a subscription can go on", async () => {
    const { client, peer } = await openPair();
    peer.greet();
    const offsets: number[] = [];
    let since: Position | undefined;
    for (let page = 1; ; page += 1) {
      const reading = client.history("transactions", { since, limit: 2 });
      await answer(peer, page, [[1, 2], [3, 4], [5]][page - 1] ?? [], 5);
      const { messages, position, hasMore, recovered } = await reading;
      offsets.push(...messages.map(({ offset }) => offset));
      expect(recovered).toBe(true);
      since = position;
      if (!hasMore) break;
    }
    expect(offsets).toEqual([1, 2, 3, 4, 5]);
    expect(since).toEqual(place(5));
    expect(peer.frames.map((frame) => frame.type === "history" && frame.data.since?.offset)).toEqual([
      undefined,
      2,
      4,
    ]);
    expect(client.positions()).toEqual(new Map());
  });

  it("waits for a connection, asks one thing after the other, and asks again after a reconnect", async () => {
    const readings: Promise<unknown>[] = [];
    const { gateway, client, peer } = await openPair({}, (client) => {
      for (const topic of ["transactions", "market_data"]) readings.push(client.history(topic));
    });
    peer.greet();
    await eventually(() => expect(peer.frames).toHaveLength(1));
    peer.terminate();
    await reaches(client, "waiting");
    const again = await gateway.next();
    again.greet();
    await answer(again, 1, [7], 7);
    await answer(again, 2, [], 0);
    expect(again.frames.map((frame) => frame.type === "history" && frame.data.topic)).toEqual([
      "transactions",
      "market_data",
    ]);
    expect(await Promise.all(readings)).toMatchObject([
      { messages: [{ offset: 7 }], position: place(7), hasMore: false },
      { messages: [], position: place(0), hasMore: false },
    ]);
  });

  it("says that messages are gone, that the server refuses, and that the client was closed", async () => {
    const { client, peer } = await openPair();
    peer.greet();
    const gone = client.history("transactions", { since: place(1) });
    await eventually(() => expect(peer.frames).toHaveLength(1));
    const data = { topic: "transactions", ...place(9), recovered: false, messages: [] };
    peer.send({ type: "history", id: peer.frames[0]?.id, data: { ...data, reason: "trimmed" } });
    expect(await gone).toMatchObject({ recovered: false, reason: "trimmed", position: place(9) });
    const refused = client.history("weather");
    await eventually(() => expect(peer.frames).toHaveLength(2));
    const error = { code: "unknown_topic", message: "There is none." } as const;
    peer.send({ type: "error", id: peer.frames[1]?.id, data: error });
    await expect(refused).rejects.toMatchObject({ topic: "weather", code: "unknown_topic" });
    const closed = client.history("transactions");
    client.close();
    await expect(closed).rejects.toMatchObject({ code: "closed" });
    await expect(client.history("No topic")).rejects.toThrow(RangeError);
  });

  it("is given up when its signal is aborted, and the next one is asked for", async () => {
    const { client, peer } = await openPair();
    peer.greet();
    const controller = new AbortController();
    const first = client.history("transactions", { signal: controller.signal });
    const second = client.history("market_data");
    await eventually(() => expect(peer.frames).toHaveLength(1));
    controller.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    await answer(peer, 2, [3], 3);
    expect((await second).messages).toHaveLength(1);
    await expect(client.history("transactions", { signal: controller.signal })).rejects.toThrow("enough");
    expect(peer.frames).toHaveLength(2);
  });
});
