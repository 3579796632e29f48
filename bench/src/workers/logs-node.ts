import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { serve } from "@commcoin/harness";
import { logsFrames } from "../load/logs-frames.ts";
import { serverFrame } from "../load/server-frame.ts";

const SUBSCRIPTION = 7;
/** Frames in one write. */
const PER_WRITE = 32;

const write = async (socket: Duplex, frames: readonly Buffer[], count: number): Promise<void> => {
  for (let sent = 0; sent < count;) {
    const piece = Array.from(
      { length: Math.min(PER_WRITE, count - sent) },
      (_, index) => frames[(sent + index) % frames.length] ?? Buffer.alloc(0),
    );
    sent += piece.length;
    if (!socket.write(Buffer.concat(piece))) await once(socket, "drain");
  }
};

const commands = {
  /**
   * A node that acknowledges a subscription and then sends notifications as fast as they are read.
   * @returns its URL.
   */
  async start(testData: string | null, count: number): Promise<string> {
    const frames = logsFrames(testData, SUBSCRIPTION).map(serverFrame);
    const http = createServer();
    const websocket = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    http.on("upgrade", (request, socket, head) => {
      socket.on("error", () => {});
      websocket.handleUpgrade(request, socket, head, (peer) => {
        peer.once("message", (data: Buffer) => {
          const { id } = JSON.parse(data.toString()) as { id: unknown };
          peer.send(JSON.stringify({ jsonrpc: "2.0", id, result: SUBSCRIPTION }), () => {
            void write(socket, frames, count);
          });
        });
      });
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  },
};

export type LogsNodeCommands = typeof commands;

serve(commands);
