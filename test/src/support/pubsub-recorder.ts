import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: readonly [unknown];
  readonly result?: unknown;
}

/** Stands between a listener and the PubSub of a node, and knows which addresses the node reports on. */
export interface PubsubRecorder {
  readonly url: string;
  /** Addresses of the `logsSubscribe`s that are in force, in order. */
  followed(): readonly string[];
  close(): void;
}

export async function startPubsubRecorder(target: string): Promise<PubsubRecorder> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const peers = new Set<Map<number, string>>();

  server.on("connection", (client) => {
    const node = new WebSocket(target);
    const asked = new Map<string | number, string>();
    const inForce = new Map<number, string>();
    peers.add(inForce);
    const opened = once(node, "open");
    client.on("message", (data: Buffer) => {
      const text = data.toString();
      const { id, method, params } = JSON.parse(text) as Message;
      const [first] = params ?? [];
      if (method === "logsSubscribe" && id !== undefined) {
        asked.set(id, (first as { mentions: readonly [string] }).mentions[0]);
      } else if (method === "logsUnsubscribe") {
        inForce.delete(first as number);
      }
      void opened.then(() => node.send(text));
    });
    node.on("message", (data: Buffer) => {
      const text = data.toString();
      const { id, result } = JSON.parse(text) as Message;
      const address = id === undefined ? undefined : asked.get(id);
      if (address !== undefined && typeof result === "number") inForce.set(result, address);
      client.send(text);
    });
    client.on("close", () => {
      peers.delete(inForce);
      node.terminate();
    });
    node.on("close", () => client.terminate());
    node.on("error", () => client.terminate());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    followed: () => [...peers].flatMap((inForce) => [...inForce.values()]).toSorted(),
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
