import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { DownFrame, SubscriptionState, UpFrame } from "@commcoin/protocol";
import { WebSocketServer, type WebSocket } from "ws";
import { connectedFrame } from "./machine.ts";

/** One connection as the fake gateway sees it. */
export interface Peer {
  readonly url: URL;
  readonly frames: UpFrame[];
  send(frame: DownFrame): void;
  /** The first frame of a connection. */
  greet(subscriptions?: readonly SubscriptionState[]): void;
  close(code: number, reason?: string): void;
  /** The network goes away. */
  terminate(): void;
  readonly closed: Promise<number>;
}

/** Speaks the protocol over real sockets and does nothing by itself: tests say every frame. */
export interface FakeGateway {
  readonly url: string;
  readonly peers: readonly Peer[];
  /** The next connection that was not asked for yet. */
  next(): Promise<Peer>;
  /** Refuses upgrades with this status from now on; null accepts them. */
  refuse(status: number | null): void;
  stop(): Promise<void>;
}

/** @param limits `maxHeaderBytes`: of URL and headers together. */
export async function startFakeGateway({ maxHeaderBytes = 16_384 } = {}): Promise<FakeGateway> {
  let status: number | null = null;
  const peers: Peer[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  const http = createServer({ maxHeaderSize: maxHeaderBytes });
  const server = new WebSocketServer({
    server: http,
    path: "/ws",
    verifyClient: (_info, decide) => decide(status === null, status ?? 200),
  });
  await once(http.listen(0), "listening");
  server.on("connection", (socket: WebSocket, request: IncomingMessage) => {
    const frames: UpFrame[] = [];
    const send = (frame: DownFrame): void => socket.send(JSON.stringify(frame));
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString()) as UpFrame));
    peers.push({
      url: new URL(request.url ?? "", "ws://gateway"),
      frames,
      send,
      greet: (subscriptions = []) => send(connectedFrame(subscriptions)),
      close: (code, reason) => socket.close(code, reason),
      terminate: () => socket.terminate(),
      closed: once(socket, "close").then(([code]) => code as number),
    });
    waiting.shift()?.();
  });
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`,
    peers,
    async next() {
      taken += 1;
      const peer = peers[taken - 1];
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      const arrived = peers[taken - 1];
      if (arrived === undefined) throw new Error("no connection");
      return arrived;
    },
    refuse(code) {
      status = code;
    },
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await new Promise((resolve) => {
        http.close(resolve);
      });
    },
  };
}
