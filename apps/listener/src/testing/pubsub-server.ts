import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

export interface Request {
  readonly id: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** One client of the server. */
export interface Peer {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** Writes several messages to the network in one piece. */
  sendTogether(...messages: readonly unknown[]): void;
}

export interface PubsubServer {
  readonly url: string;
  readonly peers: readonly Peer[];
  readonly requests: readonly Request[];
  close(): Promise<void>;
}

/** A frame of a server as it stands on the wire (RFC 6455, section 5.2). */
function textFrame(message: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const header =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([header, payload]);
}

export const acknowledge = (request: Request, subscription: number): unknown => ({
  jsonrpc: "2.0",
  result: subscription,
  id: request.id,
});

export const notify = (subscription: number, result: unknown, method = "logsNotification"): unknown => ({
  jsonrpc: "2.0",
  method,
  params: { result, subscription },
});

/** A WebSocket server whose test decides how it answers. */
export async function startPubsubServer(
  onRequest: (request: Request, peer: Peer) => void,
): Promise<PubsubServer> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const peers: Peer[] = [];
  const requests: Request[] = [];
  server.on("connection", (socket, { socket: stream }: { socket: Socket }) => {
    const peer: Peer = {
      socket,
      send: (message) => socket.send(JSON.stringify(message)),
      sendTogether: (...messages) => stream.write(Buffer.concat(messages.map(textFrame))),
    };
    peers.push(peer);
    socket.on("message", (data) => {
      const request = JSON.parse((data as Buffer).toString("utf8")) as Request;
      requests.push(request);
      onRequest(request, peer);
    });
  });
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    peers,
    requests,
    async close() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
