import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy in front of a server, which can be told to spoil what comes back. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections were made through it so far. */
  connections(): number;
  /**
   * Decides for each chunk from the server whether it reaches the client; connections stay open either way.
   * @param pass gets the chunk and the number of its connection, 0 for the first.
   */
  filter(pass: (chunk: Buffer, connection: number) => boolean): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  let passes: (chunk: Buffer, connection: number) => boolean = () => true;
  const server = createServer((client) => {
    const connection = count;
    count += 1;
    const upstream = connect(target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk: Buffer) => {
      if (passes(chunk, connection)) client.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    filter(pass) {
      passes = pass;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
