import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer, type RawData } from "ws";

/** Stands between a listener and a node's subscriptions, and loses what it is told to lose. */
export interface LossyPubsub {
  readonly url: string;
  /** Whether notifications of transactions are lost; everything else goes through. */
  lossy: boolean;
  /** Notifications that were lost. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function startLossyPubsub(target: string): Promise<LossyPubsub> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  let lost = 0;
  const text = (data: RawData): string => (data as Buffer).toString("utf8");
  server.on("connection", (client) => {
    const node = new WebSocket(target);
    const early: string[] = [];
    client.on("message", (data) => {
      if (node.readyState === WebSocket.OPEN) node.send(text(data));
      else early.push(text(data));
    });
    node.on("open", () => {
      for (const message of early.splice(0)) node.send(message);
    });
    node.on("message", (data) => {
      const message = text(data);
      if (proxy.lossy && message.includes('"logsNotification"')) lost += 1;
      else client.send(message);
    });
    for (const [from, to] of [
      [client, node],
      [node, client],
    ] as const) {
      from.on("close", () => to.terminate());
      from.on("error", () => to.terminate());
    }
  });
  await once(server, "listening");
  const proxy: LossyPubsub = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lossy: false,
    get lost() {
      return lost;
    },
    async close() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
