import type { Server } from "node:http";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { handleJsonRpc } from "../json-rpc.ts";
import type { SubscriptionRegistry } from "./registry.ts";

/** `--rpc-pubsub-max-frame-size` is far larger, but agave reads no request above this. */
const MAX_REQUEST_BYTES = 4_096;
/** Frames that the socket library takes before it fails by itself. */
const MAX_FRAME_BYTES = 1_048_576;
/** A client that lets this much pile up is cut off, without a close frame, as a lagging client of agave is. */
const MAX_BUFFERED_BYTES = 64 * 1_048_576;

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString("utf8");

const serve = (socket: WebSocket, registry: SubscriptionRegistry): void => {
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
    else socket.send(text);
  };
  socket.on("message", (data: RawData) => {
    const text = textOf(data);
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) {
      socket.terminate();
      return;
    }
    const answer = handleJsonRpc(text, (method, params) => registry.call(method, params, send));
    if (answer !== null) send(answer);
  });
  socket.on("close", () => registry.drop(send));
  // A broken connection closes right after; there is nobody to tell.
  socket.on("error", () => socket.terminate());
};

/** Serves subscriptions over WebSocket. */
export const attachPubsub = (server: Server, registry: SubscriptionRegistry): void => {
  const sockets = new WebSocketServer({ server, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  sockets.on("connection", (socket) => serve(socket, registry));
};
