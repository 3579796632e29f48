import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { createClient, type Client } from "./client.ts";
import { startFakeGateway, type FakeGateway } from "./testing/fake-gateway.ts";

/** URL and headers together that the gateway's WebSocket library reads. */
const GATEWAY_MAX_BYTES = 4_096;

let gateway: FakeGateway;
let client: Client | undefined;

const timersAreDone = (): Promise<void> => eventually(() => expect(vi.getTimerCount()).toBe(0));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  gateway = await startFakeGateway({ maxHeaderBytes: GATEWAY_MAX_BYTES });
});
afterEach(async () => {
  client?.close();
  await gateway.stop();
  await timersAreDone();
  vi.useRealTimers();
});

/** Sends as many bytes of cookies as a browser might. */
const withCookies = (bytes: number) =>
  class extends WebSocket {
    constructor(url: string) {
      super(url, { headers: { cookie: `c=${"x".repeat(bytes)}` } });
    }
  };

const topics = Array.from({ length: 100 }, (_, n) => `token:${"M".repeat(40)}${n}`);
const since = { epoch: "abcdefghijkl", offset: 123_456_789 };

function open(cookieBytes: number, getToken?: () => Promise<string>): Client {
  client = createClient({
    url: gateway.url,
    WebSocket: withCookies(cookieBytes),
    ...(getToken === undefined ? {} : { getToken }),
  });
  for (const topic of topics) client.subscribe(topic, () => undefined, { since });
  client.connect();
  return client;
}

const opened = () =>
  eventually(() => {
    expect(gateway.peers).toHaveLength(1);
    return gateway.next();
  });

const subscribedTo = (frames: readonly { readonly data?: unknown }[]) =>
  frames.flatMap(({ data }) => (data as { topic?: string }).topic ?? []);

it("reaches a gateway that reads 4,096 bytes with 100 topics, a long token and a browser's headers", async () => {
  const token = "t".repeat(2_000);
  open(1_500, async () => token);
  const peer = await opened();
  await eventually(() => expect(peer.frames).toEqual([{ type: "auth", data: { token } }]));
  const named = peer.url.searchParams.get("subscriptions")?.split(",") ?? [];
  expect(named.length).toBeGreaterThan(5);
  peer.greet(named.map((topic) => ({ topic, ...since, recovered: true, replayed: 0 })));
  await eventually(() => expect(peer.frames).toHaveLength(1 + topics.length - named.length));
  expect([...named, ...subscribedTo(peer.frames)]).toEqual(topics);
  expect(peer.frames.at(-1)).toMatchObject({ data: { since } });
});

it("reaches it at the second attempt when the headers leave no room for topics", async () => {
  const client = open(3_000);
  await eventually(() => expect(client.state).toBe("waiting"));
  await vi.advanceTimersByTimeAsync(1_000);
  const peer = await opened();
  expect(peer.url.search).toBe("");
  peer.greet();
  await eventually(() => expect(subscribedTo(peer.frames)).toEqual(topics));
});
