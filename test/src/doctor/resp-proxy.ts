import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Stands before a Redis and changes what it says. */
export interface RespProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** @param change gets each piece of what Redis says, and returns what is to be said instead; null for nothing. */
export async function startRespProxy(
  port: number,
  change: (text: string) => string | null,
): Promise<RespProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (piece) => redis.write(piece));
    redis.on("data", (piece: Buffer) => {
      const changed = change(piece.toString("latin1"));
      if (changed !== null) client.write(changed, "latin1");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Messages of subscriptions are lost, answers are not. */
export const withoutMessages = (text: string): string | null =>
  /[>*][34]\r\n\$\d\r\ns?message\r\n/.test(text) ? null : text;
/** A clock that is wrong by so many seconds: `TIME` answers with two texts, the first of ten digits. */
export const withClock =
  (aheadS: number) =>
  (text: string): string =>
    text.replace(/^\*2\r\n\$10\r\n(\d{10})\r\n/, (_, seconds: string) => {
      const wrong = String(Number(seconds) + aheadS);
      return `*2\r\n$10\r\n${wrong}\r\n`;
    });

export const withVersion =
  (version: string) =>
  (text: string): string =>
    // As long as before: the length of the answer stands before it.
    text.replace(
      /redis_version:(\S+)/,
      (_, real: string) => `redis_version:${version.padEnd(real.length, "0")}`,
    );
