import { once } from "node:events";
import { connect, type Socket as TcpSocket } from "node:net";
import { expect, describe, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "@commcoin/tsconfig/eventually";
import { upgradeRequest } from "../testing/raw-socket.ts";
import type { Handshake, Peer, Socket } from "./socket.ts";
import { createUwsTransport } from "./uws.ts";

const MAX_BACKPRESSURE_BYTES = 65_536;

const quiet: Peer = { message() {}, pong() {}, drain() {}, oversized() {}, closed() {} };

/** A transport on a free port; `opened` resolves with the first socket. */
async function start(peer: Partial<Peer> = {}) {
  const handshakes: Handshake[] = [];
  let onOpen = (_socket: Socket): void => {};
  const opened = new Promise<Socket>((resolve) => {
    onOpen = resolve;
  });
  const transport = createUwsTransport({
    port: 0,
    sharedPort: false,
    maxFrameBytes: 1_024,
    maxBackpressureBytes: MAX_BACKPRESSURE_BYTES,
    idleTimeoutSeconds: 120,
  });
  await transport.listen({
    admit: (handshake) => {
      handshakes.push(handshake);
      return { admission: {} };
    },
    open: (socket) => {
      onOpen(socket);
      return { ...quiet, ...peer };
    },
    request: () => ({ status: 200, contentType: "text/plain; charset=utf-8", body: "grün" }),
  });
  onTestFinished(() => transport.close());
  return { transport, opened, handshakes };
}

function open(port: number, host = "127.0.0.1"): WebSocket {
  const client = new WebSocket(`ws://${host}:${port}/ws`);
  onTestFinished(() => client.terminate());
  return client;
}

/** A client that opens a WebSocket and reads nothing after that. */
async function openDeaf(port: number): Promise<TcpSocket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(upgradeRequest("/ws"));
  socket.pause();
  return socket;
}

/** What builds of the native server differ in, or did. */
describe("every build of the native server", () => {
  // Latin-1 by their letters, as V8 keeps them, and not.
  const texts = ["Jürgen", "ÿ", "Ã¼", "🦊", "plain"];

  it.each(texts)("sends %s as UTF-8: in a frame, and as reason of a close", async (text) => {
    const { transport, opened } = await start();
    const client = open(transport.port);
    const received = once(client, "message");
    const closed = once(client, "close");
    const socket = await opened;
    socket.send(text);
    expect(String((await received)[0])).toBe(text);
    socket.end(4000, text);
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4000, text]);
  });

  it("answers requests in UTF-8, with the length of that", async () => {
    const { transport } = await start();
    const response = await fetch(`http://127.0.0.1:${transport.port}/`);
    expect([await response.text(), response.headers.get("content-length")]).toEqual(["grün", "5"]);
  });

  it.each(texts)(
    "publishes to topic %s what joined it, and to no other that has the same bytes",
    async (topic) => {
      const { transport, opened } = await start();
      const client = open(transport.port);
      const received: string[] = [];
      client.on("message", (data: Buffer) => received.push(data.toString()));
      const socket = await opened;
      socket.join(`user:${topic}`);
      // In memory a text of two bytes per letter, of which the fox is cut off.
      transport.publish(`🦊user:${topic}`.slice("🦊".length), "frame");
      transport.publish(
        `user:${Buffer.from(topic).toString("latin1")}${topic === "plain" ? "er" : ""}`,
        "of another topic",
      );
      socket.send("left");
      socket.leave(`user:${topic}`);
      transport.publish(`user:${topic}`, "late");
      socket.send("end");
      await eventually(() => expect(received.at(-1)).toBe("end"));
      expect(received).toEqual(["frame", "left", "end"]);
    },
  );

  it("tells the address of the other end in the handshake, by IPv4 and IPv6, of one client after another", async () => {
    const { transport, handshakes } = await start();
    for (const host of ["127.0.0.1", "[::1]", "127.0.0.1"]) await once(open(transport.port, host), "open");
    expect(handshakes.map(({ address }) => address)).toEqual(["127.0.0.1", "::1", "127.0.0.1"]);
  });

  it("closes a socket that too much waits for, once, and is silent when it is used after that", async () => {
    const codes: number[] = [];
    const { transport, opened } = await start({ closed: (code) => codes.push(code) });
    await openDeaf(transport.port);
    const socket = await opened;
    const frame = "x".repeat(16_384);
    for (let n = 0; n < 4_096 && codes.length === 0; n += 1) socket.send(frame);
    expect(codes).toEqual([1006]);
    socket.send(frame);
    socket.join("t");
    socket.leave("t");
    socket.ping();
    socket.batch(() => socket.send(frame));
    socket.end(4000, "late");
    expect([socket.buffered(), codes]).toEqual([0, [1006]]);
  });

  it("closes a subscriber that too much waits for, and not the one beside it", async () => {
    const codes: number[] = [];
    const { transport, opened } = await start({ closed: (code) => codes.push(code) });
    await openDeaf(transport.port);
    (await opened).join("t");
    let sent = 0;
    await eventually(() => {
      for (let n = 0; n < 64; n += 1, sent += 1) transport.publish("t", "x".repeat(16_384));
      expect(codes).toEqual([1006]);
    });
    expect(sent).toBeGreaterThan(MAX_BACKPRESSURE_BYTES / 16_384);
  });

  it("tells the code of a close once, whoever closed", async () => {
    const codes: number[] = [];
    const { transport } = await start({ closed: (code) => codes.push(code) });
    const client = open(transport.port);
    await once(client, "open");
    client.close(4001, "bye");
    await eventually(() => expect(codes).toEqual([4001]));
    const cut = open(transport.port);
    await once(cut, "open");
    cut.terminate();
    await eventually(() => expect(codes).toEqual([4001, 1006]));
  });
});
