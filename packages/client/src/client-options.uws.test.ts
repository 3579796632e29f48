import { getEventListeners } from "node:events";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it } from "vitest";
import { keepPositions } from "./kept-positions.ts";
import type { Position, Topic } from "./protocol.ts";
import { event } from "./testing/machine.ts";
import { openPair, reaches } from "./testing/open-client.ts";

const at = (topic: string, offset: number) => ({ topic, epoch: "e1", offset });

/** Outlives a client, as a browser's storage does. */
function memory() {
  let saved: ReadonlyMap<Topic, Position> = new Map();
  return {
    load: () => saved,
    save(positions: ReadonlyMap<Topic, Position>) {
      saved = positions;
    },
  };
}

it("goes on where the program before was, also in topics that the server joins; forgets what was left", async () => {
  const storage = memory();
  const first = await openPair({ positions: keepPositions(storage) }, (client) => {
    client.subscribe("transactions", () => undefined);
    client.subscribe("market_data", () => undefined);
    client.subscribe("token_updates", () => undefined).unsubscribe();
  });
  const joined = ["transactions", "market_data", "broadcast"];
  first.peer.greet(joined.map((topic) => at(topic, 5)));
  first.peer.send(event("transactions", 6));
  await eventually(() => expect(first.client.counts().delivered).toBe(1));
  first.client.close();
  expect([...storage.load()]).toEqual([
    ["transactions", { epoch: "e1", offset: 6 }],
    ["market_data", { epoch: "e1", offset: 5 }],
    ["broadcast", { epoch: "e1", offset: 5 }],
  ]);

  const received: string[] = [];
  const second = await openPair({ positions: keepPositions(storage) }, (client) => {
    client.subscribe("transactions", () => undefined);
    client.on("message", ({ message }) => received.push(`${message.topic} ${message.offset}`));
  });
  expect(second.peer.url.searchParams.get("since")).toBe("transactions@e1:6");
  second.peer.greet([{ ...at("transactions", 6), recovered: true, replayed: 0 }, at("broadcast", 7)]);
  second.client.subscribe("market_data", () => undefined);
  await eventually(() => expect(second.peer.frames).toHaveLength(2));
  expect(second.peer.frames).toMatchObject([
    { type: "subscribe", data: { topic: "broadcast", since: { offset: 5 } } },
    { type: "subscribe", data: { topic: "market_data", since: { offset: 5 } } },
  ]);
  const [request] = second.peer.frames;
  const data = { ...at("broadcast", 7), recovered: true, replayed: 2 };
  second.peer.send({ type: "subscribed", id: request?.id, data });
  for (const offset of [6, 7]) second.peer.send(event("broadcast", offset));
  await eventually(() => expect(received).toEqual(["broadcast 6", "broadcast 7"]));
});

it("tells who the server says it is, while there is a connection", async () => {
  const { client, peer } = await openPair();
  expect(client.connection).toBeNull();
  peer.greet();
  await reaches(client, "connected");
  expect(client.connection).toMatchObject({ connection_id: "c1", server_id: "server-1", user_id: null });
  peer.close(3503);
  await reaches(client, "closed");
  expect(client.connection).toBeNull();
});

it("tells a logger what it does, without the token, long or short", async () => {
  for (const length of [20, 3_000]) {
    const token = "secret".padEnd(length, "x");
    const lines: string[] = [];
    const { client, peer } = await openPair({
      getToken: () => Promise.resolve(token),
      debug: (what, details) => lines.push(`${what} ${JSON.stringify(details)}`),
    });
    peer.greet([at("broadcast", 1)]);
    client.subscribe("transactions", () => undefined);
    await reaches(client, "connected");
    await eventually(() => expect(lines.join("\n")).toMatch(/state .*"connected"[\s\S]*send .*transactions/));
    expect(lines.join("\n")).not.toContain("secret");
  }
});

it("is closed for good by its signal; a signal takes a listener away", async () => {
  const all = new AbortController();
  const one = new AbortController();
  const states: string[] = [];
  const { client, peer } = await openPair({ signal: all.signal }, (client) => {
    client.on("state", ({ state }) => states.push(state), { signal: one.signal });
  });
  one.abort();
  peer.greet();
  await reaches(client, "connected");
  expect(states).toEqual(["connecting"]);
  all.abort();
  expect(await peer.closed).toBe(1_000);
  client.connect();
  expect(client.state).toBe("closed");
});

it("leaves no listener on a signal that outlives it, and is closed by it all the same when it connects again", async () => {
  const lasting = new AbortController();
  const { signal } = lasting;
  const { client, peer, gateway } = await openPair({ signal }, (client) => {
    client.on("state", () => undefined, { signal })();
    client.subscribe("transactions", () => undefined, { signal }).unsubscribe();
  });
  peer.greet();
  await reaches(client, "connected");
  const page = client.history("transactions", { signal });
  client.close();
  await expect(page).rejects.toMatchObject({ code: "closed" });
  expect(getEventListeners(signal, "abort")).toEqual([]);
  client.connect();
  (await gateway.next()).greet();
  await reaches(client, "connected");
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  lasting.abort();
  await reaches(client, "closed");
});
