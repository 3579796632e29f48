import { connect } from "node:net";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { LocalnetOptions } from "../localnet.ts";
import { openLocalnet } from "../testing/localnet.ts";
import { openSocket } from "../testing/raw-rpc.ts";
import type { CloseCode } from "./connection-faults.ts";

const open = async (options: LocalnetOptions = {}) => {
  const opened = await openLocalnet(options);
  const [endpoint] = opened.localnet.endpoints;
  if (!endpoint) throw new Error("No endpoint");
  return { ...opened, endpoint, socket: await openSocket(endpoint.wsUrl) };
};

type Socket = Awaited<ReturnType<typeof openSocket>>;

const subscribe = async (socket: Socket, kind = "slot") => {
  socket.send({ id: kind, method: `${kind}Subscribe` });
  expect(await socket.next()).toMatchObject({ id: kind, result: expect.any(Number) });
};

/** Slots of the notifications up to a slot, that one included. */
const slotsUntil = async (socket: Socket, last: number): Promise<number[]> => {
  const slots: number[] = [];
  while (slots.at(-1) !== last) {
    const { params } = (await socket.next()) as { params: { result: { slot: number } } };
    slots.push(params.result.slot);
  }
  return slots;
};

describe("notifications", () => {
  it("are dropped as often as wanted, of one kind of subscription only", async () => {
    const { endpoint, socket, advance } = await open();
    await subscribe(socket, "slot");
    endpoint.faults.set({ drop: { next: 2, subscriptions: ["slot"] } });
    advance(2);
    await subscribe(socket, "root");
    endpoint.faults.set({ drop: { next: 1, subscriptions: ["logs"] } });
    advance(1);
    expect(await slotsUntil(socket, 5)).toEqual([5]);
    expect(endpoint.faults.state()).toEqual({
      active: { drop: { next: 1, subscriptions: ["logs"] } },
      fired: { drop: 2 },
    });
  });

  it("are dropped by chance, the same ones for the same seed", async () => {
    const received = async (faultSeed: string): Promise<number[]> => {
      const { endpoint, socket, advance } = await open({ faultSeed });
      await subscribe(socket);
      endpoint.faults.set({ drop: { probability: 0.5 } });
      advance(50);
      endpoint.faults.clear();
      advance(1);
      return slotsUntil(socket, 53);
    };
    const [one, again, another] = [await received("one"), await received("one"), await received("another")];
    expect(one.length).toBeGreaterThan(10);
    expect(one.length).toBeLessThan(40);
    expect(again).toEqual(one);
    expect(another).not.toEqual(one);
  });

  it("come twice", async () => {
    const { endpoint, socket, advance } = await open();
    await subscribe(socket);
    endpoint.faults.set({ duplicate: { next: 1 } });
    advance(2);
    expect(await slotsUntil(socket, 4)).toEqual([3, 3, 4]);
  });

  it("are overtaken by others, and catch up when that is switched off", async () => {
    const { endpoint, socket, advance } = await open();
    await subscribe(socket);
    endpoint.faults.set({ reorder: { next: 1, distance: 2 } });
    advance(4);
    expect(await slotsUntil(socket, 6)).toEqual([4, 5, 3, 6]);
    endpoint.faults.set({ reorder: { distance: 100 } });
    advance(2);
    endpoint.faults.set({ reorder: null });
    advance(1);
    expect(await slotsUntil(socket, 9)).toEqual([8, 7, 9]);
  });
});

describe("acknowledgements", () => {
  it("share a TCP segment with the first notifications", async () => {
    const { endpoint, advance } = await open();
    const { hostname, port } = new URL(endpoint.wsUrl);
    const raw = connect(Number(port), hostname);
    const chunks: string[] = [];
    raw.on("data", (chunk: Buffer) => chunks.push(chunk.toString("latin1")));
    raw.write(
      `GET / HTTP/1.1\r\nhost: ${hostname}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
        `sec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    await eventually(() => expect(chunks.join("")).toContain("101"));
    chunks.length = 0;
    endpoint.faults.set({ packAcknowledgement: { next: 1, notifications: 2 } });
    const request = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: "me", method: "slotSubscribe" }));
    // A masked text frame whose mask is all zeros.
    raw.write(Buffer.concat([Buffer.from([0x81, 0x80 | request.length, 0, 0, 0, 0]), request]));
    await eventually(() => expect(endpoint.faults.state().fired).toEqual({ packAcknowledgement: 1 }));
    advance(1);
    expect(chunks).toEqual([]);
    advance(1);
    await eventually(() => expect(chunks).toHaveLength(1));
    expect(chunks[0]).toMatch(/"id":"me".*"slot":3.*"slot":4/s);
    raw.destroy();
  });

  it("take notifications with them that kit's default client then loses", async () => {
    const { endpoint, subscriptions, advance } = await open();
    endpoint.faults.set({ packAcknowledgement: { notifications: 2 } });
    const aborter = new AbortController();
    const subscribed = subscriptions.slotNotifications().subscribe({ abortSignal: aborter.signal });
    await eventually(() => expect(endpoint.faults.state().fired).toEqual({ packAcknowledgement: 1 }));
    advance(2);
    const slots = (await subscribed)[Symbol.asyncIterator]();
    const first = slots.next();
    advance(1);
    expect((await first).value).toMatchObject({ slot: 5n });
    aborter.abort();
  });

  it("come at last when packing is switched off", async () => {
    const { endpoint, socket, advance } = await open();
    endpoint.faults.set({ packAcknowledgement: { notifications: 3 } });
    socket.send({ id: 1, method: "slotSubscribe" });
    await eventually(() => expect(endpoint.faults.state().fired).toEqual({ packAcknowledgement: 1 }));
    advance(1);
    endpoint.faults.clear();
    expect(await socket.next()).toMatchObject({ id: 1 });
    expect(await slotsUntil(socket, 3)).toEqual([3]);
  });

  it("are withheld, and refused", async () => {
    const { endpoint, socket } = await open();
    endpoint.faults.set({
      withholdAcknowledgement: { next: 1, subscriptions: ["slot"] },
      refuseSubscription: { subscriptions: ["root"] },
    });
    socket.send({ id: 1, method: "slotSubscribe" });
    socket.send({ id: 2, method: "rootSubscribe" });
    expect(await socket.next()).toEqual({
      jsonrpc: "2.0",
      error: {
        code: -32603,
        message: "Internal Error: Subscription refused. Node subscription limit reached",
      },
      id: 2,
    });
    endpoint.faults.clear();
    await subscribe(socket, "root");
  });
});

describe("sockets", () => {
  it.each<[CloseCode, number]>([
    [1000, 1000],
    [1001, 1001],
    [1005, 1005],
    [1006, 1006],
    [1011, 1011],
  ])("are closed with %i, and can be opened anew", async (code, seen) => {
    const { endpoint, socket, advance } = await open();
    await eventually(() => expect(endpoint.connections()).toBe(1));
    expect(endpoint.disconnect(code)).toBe(1);
    expect(await socket.closed).toBe(seen);
    const again = await openSocket(endpoint.wsUrl);
    await subscribe(again);
    advance(1);
    expect(await slotsUntil(again, 3)).toEqual([3]);
  });

  it("stay open without an answer, pings included, until they get all that was held up", async () => {
    const { endpoint, socket, advance } = await open();
    await subscribe(socket);
    endpoint.faults.set({ halfOpen: { connections: "open" } });
    const ponged = vi.fn<() => void>();
    socket.ping(ponged);
    socket.send({ id: 2, method: "rootSubscribe" });
    // New connections are not affected: their answers prove that there was time for the others.
    const other = await openSocket(endpoint.wsUrl);
    await subscribe(other);
    advance(6);
    expect(await slotsUntil(other, 8)).toHaveLength(6);
    await subscribe(other, "root");
    expect(ponged).not.toHaveBeenCalled();
    expect(socket.waiting()).toBe(0);
    expect(endpoint.connections()).toBe(2);
    endpoint.faults.clear();
    // The request was not even read before.
    expect(await slotsUntil(socket, 8)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(await socket.next()).toMatchObject({ id: 2 });
    await eventually(() => expect(ponged).toHaveBeenCalled());
  });

  it("are not even opened while all is half-open, and afterwards are", async () => {
    const { endpoint, socket } = await open();
    endpoint.faults.set({ halfOpen: { connections: "all" } });
    const late = new WebSocket(endpoint.wsUrl);
    const opened = once(late, "open");
    const probe = connect(Number(new URL(endpoint.wsUrl).port), "127.0.0.1");
    await once(probe, "connect");
    expect(late.readyState).toBe(WebSocket.CONNECTING);
    expect(endpoint.connections()).toBe(1);
    endpoint.faults.clear();
    await opened;
    await subscribe(socket);
    probe.destroy();
    late.terminate();
  });

  it("can be cut while half-open", async () => {
    const { endpoint, socket } = await open();
    endpoint.faults.set({ halfOpen: { connections: "open" } });
    endpoint.disconnect(1006);
    expect(await socket.closed).toBe(1006);
  });

  it("are refused with an HTTP status", async () => {
    const { endpoint } = await open();
    endpoint.faults.set({ refuseConnection: { status: 429, next: 1 } });
    await expect(openSocket(endpoint.wsUrl)).rejects.toThrow("Unexpected server response: 429");
    await subscribe(await openSocket(endpoint.wsUrl));
  });
});
