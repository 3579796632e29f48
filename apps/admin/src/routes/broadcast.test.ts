import { eventFrame, messageData, MESSAGE_TYPES } from "@commcoin/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bearer, broadcast, createTestApp, NOTIFICATION, TOKEN, type TestApp } from "../testing/app.ts";

const MINT = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const PRICE = {
  token_id: MINT,
  price: "0.000031",
  change_24h: null,
  signature: "5".repeat(88),
  slot: 7,
  block_time: null,
};

let test: TestApp;
beforeEach(async () => {
  test = await createTestApp();
});
afterEach(async () => {
  await test.app.close();
});

const beat = (service: "gateway" | "listener", server_id: string) =>
  test.broker.registry.heartbeat({
    server_id,
    service,
    instance: "1",
    started_at: 1,
    state: "ready",
    counts: {},
  });

describe("POST /api/ws/broadcast", () => {
  it.each([
    [{ all: true }, "broadcast"],
    [{ topic: "notifications" }, "notifications"],
    [{ topic: `token:${MINT}` }, `token:${MINT}`],
    [{ user_id: "alice" }, "user:alice"],
    [{ user_id: "did:privy:c1x" }, "user:did:privy:c1x"],
    [{ topic: "user:auth0|5f7c8e" }, "user:auth0|5f7c8e"],
    [{ server_id: "gateway-1" }, "server:gateway-1"],
  ])("%j reaches subscribers of %s", async (target, topic) => {
    await beat("gateway", "gateway-1");
    const frames: unknown[] = [];
    await test.broker.subscribe(topic, ({ frame }) => frames.push(JSON.parse(Buffer.from(frame).toString())));
    const answer = await test.app.inject(broadcast({ target }));
    expect(answer.statusCode).toBe(200);
    const { id, ...position } = answer.json();
    const [at] = await test.broker.positions([topic]);
    expect(position).toEqual({ topic, ...at, duplicate: false });
    expect(frames.map((frame) => eventFrame.parse(frame))).toEqual([
      expect.objectContaining({ type: "Notification", topic, offset: 1, id, data: NOTIFICATION }),
    ]);
  });

  it("publishes an id once and gives every message without one its own", async () => {
    const send = async (changes: object) => (await test.app.inject(broadcast(changes))).json();
    const first = await send({ id: "release-1" });
    expect(first).toMatchObject({ id: "release-1", offset: 1, duplicate: false });
    expect(await send({ id: "release-1" })).toEqual({ ...first, duplicate: true });
    const [second, third] = [await send({}), await send({})];
    expect([second.offset, third.offset]).toEqual([2, 3]);
    expect(second.id).not.toBe(third.id);
  });

  it("accepts every type of the protocol by its own schema", async () => {
    expect((await test.app.inject(broadcast({ type: "TokenPriceUpdate", data: PRICE }))).statusCode).toBe(
      200,
    );
    for (const type of MESSAGE_TYPES) {
      const { code, message } = (await test.app.inject(broadcast({ type, data: {} }))).json();
      const [required = ""] = Object.keys(messageData[type].shape);
      expect([type, code]).toEqual([type, "bad_request"]);
      expect(message).toContain(`data.${required}: `);
    }
  });

  it.each([
    ["type", { type: "Nonsense" }],
    ["data.title", { data: { ...NOTIFICATION, title: "" } }],
    ["data.price", { type: "TokenPriceUpdate", data: { ...PRICE, price: 0.1 } }],
    ["data", { data: undefined }],
    ["target", { target: undefined }],
    ["target", { target: {} }],
    ["target", { target: { all: true, topic: "notifications" } }],
    ["target.all", { target: { all: false } }],
    ["target.topic", { target: { topic: "Bad Topic" } }],
    ["target.user_id", { target: { user_id: "a/b" } }],
    ["target.server_id", { target: { server_id: "" } }],
    ["id", { id: "" }],
    ["id", { id: "x".repeat(201) }],
  ])("names %s when it is wrong: %j", async (field, changes) => {
    const answer = await test.app.inject(broadcast(changes));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(`${field}: `),
    });
    expect((await test.broker.positions(["broadcast"]))[0]?.offset).toBe(0);
  });

  it("takes no more at once than it may per second, and says when to come back", async () => {
    const limited = await createTestApp({ ADMIN_TOKEN: TOKEN, ADMIN_BROADCASTS_PER_SECOND: "2" });
    const strangers = Array.from({ length: 5 }, () => limited.app.inject(broadcast({}, {})));
    expect(new Set((await Promise.all(strangers)).map(({ statusCode }) => statusCode))).toEqual(
      new Set([401]),
    );
    const sent = Array.from({ length: 5 }, () => limited.app.inject(broadcast()));
    const answers = await Promise.all(sent);
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(3);
    for (const answer of refused) {
      expect(answer.json()).toMatchObject({
        code: "rate_limited",
        message: expect.stringContaining("2 messages"),
      });
      expect(answer.headers["retry-after"]).toBe("1");
    }
    expect((await limited.broker.positions(["broadcast"]))[0]?.offset).toBe(2);
    expect(await limited.registry.metrics()).toContain('broadcasts_limited_total{service="admin"} 3');
    await limited.app.close();
  });

  it("takes any number where none is set", async () => {
    const open = await createTestApp({ ADMIN_TOKEN: TOKEN, ADMIN_BROADCASTS_PER_SECOND: "0" });
    const answers = await Promise.all(Array.from({ length: 200 }, () => open.app.inject(broadcast())));
    expect(answers.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
    await open.app.close();
  });

  it("refuses data that is nested without end", async () => {
    const data = "[".repeat(10_000) + "]".repeat(10_000);
    const answer = await test.app.inject({
      ...broadcast(),
      headers: { ...bearer(TOKEN), "content-type": "application/json" },
      payload: `{"type":"UserActivity","target":{"all":true},"data":{"user_id":"a","activity_type":"x","data":${data}}}`,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain("nested");
  });

  it("refuses fields it does not know: a misspelt id would not be one", async () => {
    const { code, message } = (await test.app.inject(broadcast({ ID: "x" }))).json();
    expect([code, message]).toEqual(["bad_request", expect.stringContaining('"ID"')]);
  });

  it("does not publish to a server that is not a gateway of the cluster", async () => {
    await beat("listener", "listener-1");
    for (const server_id of ["gateway-9", "listener-1"]) {
      const answer = await test.app.inject(broadcast({ target: { server_id } }));
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({
        code: "unknown_server",
        message: expect.stringContaining(server_id),
      });
      expect((await test.broker.positions([`server:${server_id}`]))[0]?.offset).toBe(0);
    }
  });
});
