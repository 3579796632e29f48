import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { WebSocket, WebSocketServer } from "ws";

/** A JSON-RPC request, as far as a proxy looks at it. */
export interface RpcRequest {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
}

/** The other end of a subscription connection. */
export interface Victim {
  readonly socket: WebSocket;
  /** Subscriptions that the honest node acknowledged, by id, with their method. */
  readonly subscriptions: ReadonlyMap<number, string>;
}

/** What a node does in place of what an honest one does; where it says false, or nothing, it is honest. */
export interface Behaviour {
  readonly http?: (request: IncomingMessage, body: string, response: ServerResponse) => boolean;
  readonly websocket?: (victim: Victim, request: RpcRequest, raw: string) => boolean;
  /** Called for each connection that is open or comes; returns what ends it. */
  readonly accompany?: (victim: Victim) => () => void;
}

export interface Target {
  readonly http: string;
  readonly ws: string;
}

/** A node, or a proxy before one, that can be anything: honest at first. */
export interface HostileNode {
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** Behaves like this from now on. */
  behave(behaviour: Behaviour): void;
  /** Speaks for another node from now on. */
  speakFor(target: Target): void;
  /** Cuts all connections, so that whoever was there comes back and meets what has changed. */
  cut(): void;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

const parse = (raw: string): RpcRequest => {
  try {
    const parsed = JSON.parse(raw) as RpcRequest | readonly RpcRequest[];
    return (Array.isArray(parsed) ? (parsed[0] as RpcRequest) : (parsed as RpcRequest)) ?? {};
  } catch {
    return {};
  }
};

/** Passes messages on between a client and the honest node, unless the behaviour takes them. */
function passOn(socket: WebSocket, target: Target, behaviour: () => Behaviour): Victim {
  const subscriptions = new Map<number, string>();
  const victim: Victim = { socket, subscriptions };
  const asked = new Map<unknown, string>();
  const honest = new WebSocket(target.ws);
  const opened = once(honest, "open");
  opened.catch(() => socket.terminate());
  socket.on("message", (data: Buffer) => {
    const raw = data.toString();
    const request = parse(raw);
    if (behaviour().websocket?.(victim, request, raw) === true) return;
    asked.set(request.id, request.method ?? "");
    opened.then(() => honest.send(raw)).catch(() => {});
  });
  honest.on("message", (data: Buffer) => {
    const raw = data.toString();
    const { id, result } = parse(raw) as { readonly id?: unknown; readonly result?: unknown };
    const method = asked.get(id);
    if (method?.endsWith("Subscribe") === true && typeof result === "number")
      subscriptions.set(result, method);
    if (socket.readyState === WebSocket.OPEN) socket.send(raw);
  });
  socket.on("close", () => honest.terminate());
  socket.on("error", () => honest.terminate());
  honest.on("close", () => socket.terminate());
  honest.on("error", () => socket.terminate());
  return victim;
}

async function forward(target: Target, body: string, response: ServerResponse): Promise<void> {
  try {
    const answer = await fetch(target.http, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { "content-type": "application/json" }).end(bytes);
  } catch {
    response.destroy();
  }
}

export async function startHostileNode(first: Target): Promise<HostileNode> {
  let target = first;
  let behaviour: Behaviour = {};
  const victims = new Map<Victim, () => void>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    response.on("error", () => {});
    text(request)
      .then(async (body) => {
        if (behaviour.http?.(request, body, response) !== true) await forward(target, body, response);
      })
      .catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const websockets = new WebSocketServer({ server, maxPayload: 0 });
  websockets.on("connection", (socket) => {
    const victim = passOn(socket, target, () => behaviour);
    victims.set(victim, behaviour.accompany?.(victim) ?? (() => {}));
    socket.on("close", () => {
      victims.get(victim)?.();
      victims.delete(victim);
    });
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    httpUrl: `http://${HOST}:${port}`,
    wsUrl: `ws://${HOST}:${port}`,
    behave(next) {
      behaviour = next;
    },
    speakFor(next) {
      target = next;
    },
    cut: cutAll,
    async close() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}
