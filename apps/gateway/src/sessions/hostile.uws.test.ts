import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { clientFrame as frame, MASK, TEXT } from "../testing/hostile/frame.ts";
import { openRaw, upgradeRequest } from "../testing/raw-socket.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { testAddress } from "../testing/test-address.ts";

const TOPIC = "market_data";
/** Whether a healthy client gets everything that is published while others misbehave. */
async function withHealthyClient(gateway: TestGateway, misbehave: () => Promise<void>): Promise<void> {
  const healthy = await gateway.client(`user_id=healthy&subscriptions=${TOPIC}`);
  await gateway.publish(TOPIC, 5);
  await misbehave();
  await gateway.publish(TOPIC, 5);
  const seen = (await healthy.settled()).map(({ offset }) => offset);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

describe("hostile clients", () => {
  it.each([
    ["garbage instead of HTTP", "\x00\x01\x02garbage\r\n\r\n"],
    ["no WebSocket key", "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
    ["no host", "GET /ws HTTP/1.1\r\n\r\n"],
    ["half a request", "GET /ws HTTP/1.1\r\nHost: x\r\nUpg"],
    ["headers without end", `GET /ws HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(100_000)}`],
    ["a query that is not UTF-8", upgradeRequest("/ws?user_id=%ff%fe&subscriptions=%00")],
    ["a very long query", upgradeRequest(`/ws?since=${"x".repeat(30_000)}`)],
  ])("do no harm with %s in the handshake", async (_, bytes) => {
    const gateway = await startTestGateway();
    await withHealthyClient(gateway, async () => {
      const socket = await openRaw(gateway.url);
      socket.write(bytes);
      const answered = new Promise((resolve) => {
        socket.once("data", resolve);
        socket.once("close", resolve);
        setImmediate(() => socket.end());
      });
      await answered;
      socket.destroy();
    });
    expect(await gateway.stats()).toMatchObject({ total_connections: 1 });
  });

  it.each([
    ["reserved bits", frame(TEXT | 0x70, '{"type":"ping"}')],
    ["a reserved opcode", frame(0x83, "x")],
    ["text that is not UTF-8", frame(TEXT, Buffer.from([0xff, 0xfe, 0xfd]))],
    ["a continuation of nothing", frame(0x80, "x")],
    ["a ping that is too long", frame(0x89, "x".repeat(126))],
    ["a close frame with a code that may not be sent", frame(0x88, Buffer.from([0x03, 0xed]))],
    ["a close frame of one byte", frame(0x88, Buffer.from([0x03]))],
    [
      "a length of more than a machine has",
      Buffer.from([TEXT, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, ...MASK]),
    ],
  ])("are cut off for %s", async (_, bytes) => {
    const gateway = await startTestGateway();
    await withHealthyClient(gateway, async () => {
      const socket = await openRaw(gateway.url);
      socket.write(upgradeRequest("/ws"));
      await new Promise((resolve) => socket.once("data", resolve));
      socket.write(bytes);
      await eventually(async () => expect(await gateway.stats()).toMatchObject({ total_connections: 1 }));
      socket.destroy();
    });
  });

  it("may send a message in fragments, with pings between them", async () => {
    const gateway = await startTestGateway();
    const socket = await openRaw(gateway.url);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.write(upgradeRequest("/ws"));
    await eventually(() => expect(text).toContain('"connected"'));
    socket.write(Buffer.concat([frame(0x01, '{"type":"pi'), frame(0x89, ""), frame(0x80, 'ng","id":77}')]));
    await eventually(() => expect(text).toContain('{"type":"pong","id":77'));
    socket.destroy();
  });

  it("leave nothing behind when they vanish in the middle of anything", async () => {
    const gateway = await startTestGateway();
    await withHealthyClient(gateway, async () => {
      for (let i = 0; i < 30; i += 1) {
        const socket = await openRaw(gateway.url);
        const request = JSON.stringify({
          type: "subscribe",
          data: { topic: `token:${testAddress(i)}`, last: 10 },
        });
        socket.write(upgradeRequest(`/ws?user_id=gone-${i}&subscriptions=token:${testAddress(100 + i)}`));
        await new Promise((resolve) => socket.once("data", resolve));
        socket.write(Buffer.concat([frame(TEXT, request), frame(TEXT, request).subarray(0, i)]));
        if (i % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
      await eventually(async () =>
        expect(await gateway.stats()).toMatchObject({ total_connections: 1, subscriptions: 1 }),
      );
    });
    expect(gateway.gateway.stats()).toMatchObject({ active_users: 1 });
  });

  it("are closed, never skipped, when they do not read", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_MAX_BACKPRESSURE_BYTES: "262144" });
    const slow = await gateway.client(`subscriptions=${TOPIC}`);
    const data = { user_id: "u", activity_type: "trade", data: { padding: "x".repeat(4_000) } };
    slow.socket.pause();
    let published = 0;
    await withHealthyClient(gateway, async () => {
      for (let turn = 0; turn < 1_000 && gateway.gateway.stats().total_connections > 1; turn += 1) {
        const batch = Array.from({ length: 20 }, () => {
          published += 1;
          return { topic: "transactions", type: "UserActivity", id: `m${published}`, data };
        });
        await gateway.broker.publish([
          ...batch,
          { ...batch[0], topic: "notifications", id: `n${published}` } as never,
        ]);
        if (published === 20) slow.send({ type: "subscribe", data: { topic: "transactions" } });
        await new Promise(setImmediate);
      }
    });
    expect(published).toBeLessThan(20_000);
    slow.socket.resume();
    const { code } = await slow.closed;
    expect([1006, 3008]).toContain(code);
    const offsets = slow.frames
      .filter(({ topic }) => topic === "transactions")
      .map(({ offset }) => offset ?? 0);
    expect(offsets.length).toBeGreaterThan(10);
    expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index));
    expect(offsets.at(-1)).toBeLessThan(published);
  });

  it("are told that they are slow when there is time for it", async () => {
    const gateway = await startTestGateway({ WEBSOCKET_MAX_BACKPRESSURE_BYTES: "8388608" });
    const slow = await gateway.client(`subscriptions=${TOPIC}`);
    slow.socket.pause();
    const data = { user_id: "u", activity_type: "trade", data: { padding: "x".repeat(40_000) } };
    let published = 0;
    const fill = setInterval(() => {
      if (published >= 500) return;
      published += 5;
      const batch = Array.from({ length: 5 }, (_, i) => ({
        topic: TOPIC,
        type: "UserActivity",
        id: `m${published}-${i}`,
        data,
      }));
      void gateway.broker.publish(batch);
    }, 100);
    await eventually(() => expect(gateway.gateway.stats().total_connections).toBe(0));
    clearInterval(fill);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 3008, reason: "slow consumer" });
    const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
    expect(text).toMatch(/commcoin_gateway_slow_consumers_total\{[^}]*\} 1/);
    expect(text).toMatch(/commcoin_gateway_closes_total\{code="3008"[^}]*\} 1/);
  });
});
