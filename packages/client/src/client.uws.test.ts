import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { createClient, type Client, type ClientOptions } from "./client.ts";
import { SubscriptionError } from "./subscription-error.ts";
import { startFakeGateway, type FakeGateway } from "./testing/fake-gateway.ts";
import { event } from "./testing/machine.ts";

let gateway: FakeGateway;
const clients: Client[] = [];

const timersAreDone = (): Promise<void> => eventually(() => expect(vi.getTimerCount()).toBe(0));

beforeEach(async () => {
  // Sockets are real, the back-off is not waited for.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  gateway = await startFakeGateway();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await gateway.stop();
  // Sockets have timers of their own for as long as they close.
  await timersAreDone();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(options: Partial<ClientOptions> = {}): Client {
  const client = createClient({ url: gateway.url, WebSocket, ...options });
  clients.push(client);
  return client;
}

const place = (offset: number, epoch = "e1") => ({ epoch, offset });
const at = (topic: string, offset: number) => ({ topic, ...place(offset) });
const reaches = (client: Client, state: string) => eventually(() => expect(client.state).toBe(state));

describe("client", () => {
  it("subscribes before it is connected, hands messages out by type, and closes cleanly", async () => {
    const client = open({ userId: "alice" });
    const all: number[] = [];
    const trades: string[] = [];
    const created: string[] = [];
    const first = client.subscribe("transactions", (message) => all.push(message.offset));
    client.subscribe("transactions", {
      UserActivity: ({ data }) => trades.push(data.activity_type),
      TokenCreated: ({ data }) => created.push(data.token_id),
    });
    client.connect();
    const peer = await gateway.next();
    expect(Object.fromEntries(peer.url.searchParams)).toEqual({
      user_id: "alice",
      subscriptions: "transactions",
    });
    peer.greet([at("transactions", 7)]);
    expect(await first.ready).toEqual(place(7));
    for (const offset of [8, 8, 9]) peer.send(event("transactions", offset));
    await eventually(() => expect(all).toEqual([8, 9]));
    expect(trades).toEqual(["trade", "trade"]);
    expect(created).toEqual([]);
    expect(client.positions().get("transactions")).toEqual(place(9));
    expect(client.counts()).toMatchObject({ delivered: 2, duplicates: 1, lost: 0 });
    client.close();
    expect(await peer.closed).toBe(1_000);
    expect(client.state).toBe("closed");
  });

  it("comes back by itself and resumes where it was", async () => {
    const client = open();
    const received: number[] = [];
    client.subscribe("transactions", ({ offset }) => received.push(offset));
    client.connect();
    const peer = await gateway.next();
    peer.greet([at("transactions", 1), at("broadcast", 5)]);
    peer.send(event("transactions", 2));
    await eventually(() => expect(received).toEqual([2]));
    peer.terminate();
    await reaches(client, "waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    const again = await gateway.next();
    expect(again.url.search).toBe("?subscriptions=transactions&since=broadcast@e1:5,transactions@e1:2");
    again.greet([
      { ...at("transactions", 4), recovered: true, replayed: 2 },
      { ...at("broadcast", 5), recovered: true, replayed: 0 },
    ]);
    for (const offset of [3, 4, 5]) again.send(event("transactions", offset));
    await eventually(() => expect(received).toEqual([2, 3, 4, 5]));
    expect(client.counts()).toMatchObject({ connections: 2, duplicates: 0, gaps: 0, lost: 0 });
  });

  it("asks for conflation, and takes what is left out for no loss", async () => {
    const client = open();
    const received: number[] = [];
    client.subscribe("market_data", ({ offset }) => received.push(offset), { conflate: true });
    client.connect();
    const peer = await gateway.next();
    expect(peer.url.search).toBe("");
    peer.greet();
    await eventually(() => expect(peer.frames).toHaveLength(1));
    const [request] = peer.frames;
    expect(request).toMatchObject({ type: "subscribe", data: { topic: "market_data", conflate: true } });
    const data = { ...at("market_data", 1), recovered: false, replayed: 0 };
    peer.send({ type: "subscribed", id: request?.id, data });
    for (const offset of [2, 9, 9, 12]) peer.send(event("market_data", offset));
    await eventually(() => expect(received).toEqual([2, 9, 12]));
    expect(client.counts()).toMatchObject({ duplicates: 1, gaps: 0, lost: 0 });
  });

  it("waits as long as a server that shuts down suggests", async () => {
    const client = open();
    client.connect();
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    peer.close(3001, "shutdown; reconnect in 30000 ms");
    await reaches(client, "waiting");
    await vi.advanceTimersByTimeAsync(29_900);
    expect(client.state).toBe("waiting");
    await vi.advanceTimersByTimeAsync(100);
    await gateway.next();
  });

  it.each([3503, 3507, 4999])("stays away after %i, and comes back when it is told to", async (code) => {
    const client = open();
    const states = vi.fn<(notice: { readonly state: string; readonly code?: number }) => void>();
    client.on("state", states);
    client.connect();
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    peer.close(code, "because");
    await reaches(client, "closed");
    expect(states).toHaveBeenLastCalledWith({ type: "state", state: "closed", code, reason: "because" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gateway.peers).toHaveLength(1);
    client.connect();
    await gateway.next();
  });

  it("notices a server that fell silent", async () => {
    const client = open();
    client.connect();
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    await vi.advanceTimersByTimeAsync(40_000);
    await eventually(() => expect(peer.frames).toEqual([{ type: "ping", data: {} }]));
    peer.send({ type: "pong", data: {} });
    // The pong is there when what was sent after it is.
    const degraded = new Promise((resolve) => {
      client.on("degraded", resolve);
    });
    peer.send({ type: "degraded", data: { reason: "redis" } });
    await degraded;
    await vi.advanceTimersByTimeAsync(39_000);
    expect(client.state).toBe("connected");
    const reasons: unknown[] = [];
    client.on("state", ({ reason }) => reasons.push(reason));
    await vi.advanceTimersByTimeAsync(11_500);
    expect(reasons[0]).toBe("silence");
  });

  it("rejects a subscription that the server refuses, and tells about one that ends", async () => {
    const client = open();
    const errors: unknown[] = [];
    client.on("error", (notice) => errors.push(notice));
    client.connect();
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    const { ready } = client.subscribe("user:bob", () => undefined);
    await eventually(() => expect(peer.frames).toHaveLength(1));
    const id = peer.frames[0]?.id ?? -1;
    peer.send({ type: "error", id, data: { code: "forbidden", message: "it is private" } });
    await expect(ready).rejects.toThrow(SubscriptionError);
    await expect(ready).rejects.toMatchObject({ topic: "user:bob", code: "forbidden" });
    expect(errors).toEqual([
      { type: "error", code: "forbidden", message: "it is private", topic: "user:bob" },
    ]);
  });

  it("leaves a topic with its last subscription, and rejects what was not answered when it is closed", async () => {
    const client = open();
    client.connect();
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    const [one, two] = [client.subscribe("transactions", () => 1), client.subscribe("transactions", () => 2)];
    one.unsubscribe();
    await expect(one.ready).rejects.toMatchObject({ code: "closed" });
    two.unsubscribe();
    two.unsubscribe();
    await eventually(() => expect(peer.frames.map(({ type }) => type)).toEqual(["subscribe", "unsubscribe"]));
    const { ready } = client.subscribe("market_data", () => undefined);
    client.close();
    await expect(ready).rejects.toMatchObject({ topic: "market_data", code: "closed" });
  });

  it("gets a token, and another one after it was refused; the same one again is the end", async () => {
    const tokens = ["one", "two", "two"];
    const getToken = vi.fn<() => Promise<string>>(async () => tokens.shift() ?? "");
    const client = open({ getToken });
    client.connect();
    (await gateway.next()).close(3500, "invalid token: the signature is wrong");
    await reaches(client, "waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    const peer = await gateway.next();
    expect(peer.url.searchParams.get("token")).toBe("two");
    peer.greet();
    await reaches(client, "connected");
    peer.close(3005, "token expired");
    await reaches(client, "waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    await reaches(client, "closed");
    expect(getToken).toHaveBeenCalledTimes(3);
  });

  it("tries again when no token can be had", async () => {
    const getToken = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(new Error("no network"))
      .mockResolvedValue("t");
    const client = open({ getToken });
    const errors: string[] = [];
    client.on("error", ({ message }) => errors.push(message));
    client.connect();
    await reaches(client, "waiting");
    expect(errors).toEqual(["Error: no network"]);
    await vi.advanceTimersByTimeAsync(1_000);
    await gateway.next();
  });

  it("obeys the browser's word about the network", async () => {
    const scope = new EventTarget();
    vi.stubGlobal("addEventListener", scope.addEventListener.bind(scope));
    vi.stubGlobal("removeEventListener", scope.removeEventListener.bind(scope));
    vi.stubGlobal("navigator", { onLine: false });
    const client = open();
    client.connect();
    expect(client.state).toBe("offline");
    scope.dispatchEvent(new Event("online"));
    const peer = await gateway.next();
    peer.greet();
    await reaches(client, "connected");
    scope.dispatchEvent(new Event("offline"));
    expect(client.state).toBe("offline");
    client.close();
    scope.dispatchEvent(new Event("online"));
    expect(client.state).toBe("closed");
  });

  describe("of a page", () => {
    const show = (visibilityState: string) => {
      const page = Object.assign(new EventTarget(), { visibilityState });
      const scope = new EventTarget();
      vi.stubGlobal("document", page);
      for (const method of ["addEventListener", "removeEventListener"] as const)
        vi.stubGlobal(method, scope[method].bind(scope));
      return { page, scope };
    };

    it.each(["visibilitychange", "resume", "pageshow"])(
      "proves its connection at %s, and replaces one that is half open within 3 s",
      async (type) => {
        const { page, scope } = show("visible");
        const client = open();
        client.connect();
        const peer = await gateway.next();
        peer.greet([at("broadcast", 4)]);
        await reaches(client, "connected");
        const come = () => (type === "pageshow" ? scope : page).dispatchEvent(new Event(type));
        come();
        await eventually(() => expect(peer.frames).toMatchObject([{ type: "ping" }]));
        peer.send({ type: "pong", data: {} });
        peer.send(event("broadcast", 5));
        await eventually(() => expect(client.counts().delivered).toBe(1));
        await vi.advanceTimersByTimeAsync(3_000);
        expect(client.state).toBe("connected");
        // From here on the gateway is silent.
        come();
        await vi.advanceTimersByTimeAsync(3_000);
        const next = await gateway.next();
        expect(next.url.searchParams.get("since")).toBe("broadcast@e1:5");
        next.greet([at("broadcast", 5)]);
        await reaches(client, "connected");
        client.close();
        come();
        expect(client.state).toBe("closed");
      },
    );

    it("does nothing while nobody looks", async () => {
      const { page } = show("hidden");
      const client = open();
      client.connect();
      const peer = await gateway.next();
      peer.greet();
      await reaches(client, "connected");
      page.dispatchEvent(new Event("visibilitychange"));
      peer.send({ type: "degraded", data: { reason: "x" } });
      await vi.advanceTimersByTimeAsync(3_000);
      expect([client.state, peer.frames]).toEqual(["connected", []]);
    });
  });

  it("may be used from within its own handlers", async () => {
    const client = open();
    const received: number[] = [];
    const subscription = client.subscribe("transactions", ({ offset }) => {
      received.push(offset);
      subscription.unsubscribe();
      client.close();
    });
    client.connect();
    const peer = await gateway.next();
    peer.greet([at("transactions", 0)]);
    for (const offset of [1, 2, 3]) peer.send(event("transactions", offset));
    await peer.closed;
    expect(received).toEqual([1]);
    expect(client.state).toBe("closed");
  });
});

it.each([
  ["transactions?x", undefined],
  ["", undefined],
  ["transactions", { epoch: "e,1", offset: 1 }],
  ["transactions", { epoch: "e1", offset: -1 }],
])("refuses the topic %j from %j", (topic, since) => {
  const client = open();
  expect(() => client.subscribe(topic, () => undefined, since === undefined ? {} : { since })).toThrow(
    RangeError,
  );
});

it.each([
  "a/b",
  "a,b",
  "a b",
  "a\n",
  "\u202ea",
  "\u3164",
  "..",
  "x".repeat(257),
  "ü".repeat(129),
  ...[undefined, null, Number.NaN].map(String),
])("refuses the user %j before it connects", (userId) => {
  expect(() => createClient({ url: "ws://gateway/ws", userId, WebSocket })).toThrow(/^Not a user id/);
});

it.each(["auth0|5f7c8e", "did:privy:c1x", "ann@mail.test", "Jürgen", ""])("takes the user %j", (userId) => {
  expect(() => createClient({ url: "ws://gateway/ws", userId, WebSocket })).not.toThrow();
});

it.each(["http://gateway/ws", "gateway", "ws://gateway/ws#top"])("refuses the url %j", (url) => {
  expect(() => createClient({ url, WebSocket })).toThrow(RangeError);
});
