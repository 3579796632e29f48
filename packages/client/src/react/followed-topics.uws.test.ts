import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { event } from "../testing/machine.ts";
import { openPair } from "../testing/open-client.ts";
import { follow, nothing, snapshotOf } from "./followed-topics.ts";

const TOPIC = "token:So11111111111111111111111111111111111111112";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const types = (frames: readonly { readonly type: string }[]): readonly string[] =>
  frames.map(({ type }) => type);

async function joined() {
  const pair = await openPair();
  pair.peer.greet();
  await eventually(() => expect(pair.client.state).toBe("connected"));
  const answer = async (): Promise<void> => {
    await eventually(() => expect(pair.peer.frames.length).toBeGreaterThan(0));
    const { id } = pair.peer.frames.at(-1) ?? {};
    pair.peer.send({
      type: "subscribed",
      id,
      data: { topic: TOPIC, epoch: "e1", offset: 0, recovered: false, replayed: 0 },
    });
  };
  return { ...pair, answer };
}

it("a topic is joined once for all that follow it, and left a while after the last", async () => {
  const { client, peer, answer } = await joined();
  const stops = [1, 2].map(() => follow(client, TOPIC, () => undefined));
  await answer();
  expect(peer.frames).toMatchObject([{ type: "subscribe", data: { topic: TOPIC, last: 100 } }]);
  for (const stop of stops) stop();
  await vi.advanceTimersByTimeAsync(1_900);
  // The next page wants it again.
  const stop = follow(client, TOPIC, () => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(types(peer.frames)).toEqual(["subscribe"]);
  stop();
  // As StrictMode does: once more, and gone again.
  follow(client, TOPIC, () => undefined)();
  await vi.advanceTimersByTimeAsync(2_000);
  await eventually(() => expect(types(peer.frames)).toEqual(["subscribe", "unsubscribe"]));
  expect(snapshotOf(client, TOPIC)).toBe(nothing);
});

it("listeners hear of many messages once, and see the newest hundred", async () => {
  const { client, peer, answer } = await joined();
  const listener = vi.fn<() => void>();
  follow(client, TOPIC, listener);
  await answer();
  for (let offset = 1; offset <= 250; offset += 1) peer.send(event(TOPIC, offset));
  // Time stands still meanwhile.
  while (client.counts().delivered < 250) await new Promise((resolve) => setImmediate(resolve));
  expect(listener).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(16);
  expect(listener).toHaveBeenCalledTimes(1);
  const { messages, latest } = snapshotOf(client, TOPIC);
  expect(messages.map(({ offset }) => offset)).toEqual(Array.from({ length: 100 }, (_, n) => 151 + n));
  expect(latest.UserActivity?.offset).toBe(250);
  expect(snapshotOf(client, TOPIC).messages).toBe(messages);
});

it("a refusal of the server is seen, and asked about again by whoever comes later", async () => {
  const { client, peer } = await joined();
  const stop = follow(client, TOPIC, () => undefined);
  await eventually(() => expect(peer.frames).toHaveLength(1));
  const data = { code: "forbidden", message: "Not for you." } as const;
  peer.send({ type: "error", id: peer.frames[0]?.id, data });
  await eventually(() => expect(snapshotOf(client, TOPIC).error).toMatchObject(data));
  stop();
  await vi.advanceTimersByTimeAsync(2_000);
  follow(client, TOPIC, () => undefined);
  await eventually(() => expect(types(peer.frames)).toEqual(["subscribe", "subscribe"]));
});
