import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { createAcknowledgementFaults, withRefusedSubscriptions } from "../faults/acknowledgement-faults.ts";
import type { Connections } from "../faults/connection-faults.ts";
import { withNotificationFaults } from "../faults/notification-faults.ts";
import type { FaultSwitches } from "../faults/switches.ts";
import { handleJsonRpc } from "../json-rpc.ts";
import type { SubscriptionRegistry } from "./registry.ts";

/** `--rpc-pubsub-max-frame-size` is far larger, but agave reads no request above this. */
const MAX_REQUEST_BYTES = 4_096;
/** Frames that the socket library takes before it fails by itself. */
const MAX_FRAME_BYTES = 1_048_576;
/** A client that lets this much pile up is cut off, without a close frame, as a lagging client of agave is. */
const MAX_BUFFERED_BYTES = 64 * 1_048_576;

export interface PubsubOptions {
  readonly registry: SubscriptionRegistry;
  readonly connections: Connections;
  readonly faults: FaultSwitches;
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString("utf8");

/** What is written to the socket until this turn of the event loop ends leaves in one piece. */
const createCork = (raw: Socket): (() => void) => {
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    raw.cork();
    process.nextTick(() => {
      corked = false;
      raw.uncork();
    });
  };
};

const serve = (socket: WebSocket, raw: Socket, { registry, connections, faults }: PubsubOptions): void => {
  const cork = createCork(raw);
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      socket.terminate();
      return;
    }
    // A write for each notification of a block costs a node on one core more than the block itself.
    cork();
    socket.send(text);
  };
  const acknowledgements = createAcknowledgementFaults(faults, { raw, send });
  const notifications = withNotificationFaults(faults, acknowledgements.notify);
  const dispatch = withRefusedSubscriptions(faults, (method, params) =>
    registry.call(method, params, notifications.notify),
  );
  const handle = (text: string): void => {
    const answer = handleJsonRpc(text, dispatch);
    if (answer !== null) acknowledgements.answer(answer);
  };
  connections.add(socket, raw);
  socket.on("message", (data: RawData) => {
    const text = textOf(data);
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) socket.terminate();
    else acknowledgements.receive(text, handle);
  });
  socket.on("close", () => {
    registry.drop(notifications.notify);
    notifications.close();
    acknowledgements.close();
  });
  // A broken connection closes right after; there is nobody to tell.
  socket.on("error", () => socket.terminate());
};

/** Serves subscriptions over WebSocket. */
export const attachPubsub = (server: Server, options: PubsubOptions): void => {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request: IncomingMessage, raw: Socket, head: Buffer) => {
    // A client that goes away before it is upgraded leaves nothing to do.
    raw.on("error", () => raw.destroy());
    options.connections.admit(raw, () =>
      sockets.handleUpgrade(request, raw, head, (socket) => serve(socket, raw, options)),
    );
  });
};
