import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Socket } from "./socket.ts";
import { createUwsTransport } from "./uws.ts";

it("what was published before a ping reaches a socket that leaves the topic in the same iteration", async () => {
  let onOpen = (_socket: Socket): void => {};
  const opened = new Promise<Socket>((resolve) => {
    onOpen = resolve;
  });
  const transport = createUwsTransport({
    port: 0,
    sharedPort: false,
    maxFrameBytes: 1_024,
    maxBackpressureBytes: 65_536,
    idleTimeoutSeconds: 120,
  });
  await transport.listen({
    admit: () => ({ admission: {} }),
    open: (socket) => {
      onOpen(socket);
      return { message() {}, pong() {}, drain() {}, oversized() {}, closed() {} };
    },
    request: () => ({ status: 404, contentType: "text/plain", body: "" }),
  });
  onTestFinished(() => transport.close());
  const client = new WebSocket(`ws://127.0.0.1:${transport.port}/ws`);
  onTestFinished(() => client.terminate());
  const received: string[] = [];
  const done = new Promise((resolve) => {
    client.on("message", (data: Buffer) => {
      received.push(data.toString());
      if (received.at(-1) === "end") resolve(null);
    });
  });
  const socket = await opened;
  socket.join("t");
  transport.publish("t", "a");
  transport.publish("t", "b");
  socket.ping();
  socket.leave("t");
  transport.publish("t", "c");
  socket.send("end");
  await done;
  expect(received).toEqual(["a", "b", "end"]);
});
