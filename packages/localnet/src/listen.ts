import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

const IPV4_LOOPBACK = "127.0.0.1";
const IPV6_LOOPBACK = "::1";

export interface Listening {
  readonly port: number;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

const listenOnce = async (server: Server, host: string, port: number): Promise<number> => {
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** A server with a way to close it that does not wait for clients, upgraded connections included. */
const createClosableServer = (attach: (server: Server) => void) => {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  attach(server);
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  return { server, close };
};

/**
 * Listens on a host; on the loopback addresses of IPv4 and IPv6 alike when the host is either or "localhost", since
 * clients differ in what "localhost" means to them. Port 0 takes a free one.
 * @throws when the port is taken.
 */
export const listen = async (
  host: string,
  port: number,
  attach: (server: Server) => void,
): Promise<Listening> => {
  const isLoopback = host === "localhost" || host === IPV4_LOOPBACK;
  const main = createClosableServer(attach);
  const listeningPort = await listenOnce(main.server, isLoopback ? IPV4_LOOPBACK : host, port);
  const servers = [main];
  if (isLoopback) {
    const second = createClosableServer(attach);
    try {
      await listenOnce(second.server, IPV6_LOOPBACK, listeningPort);
      servers.push(second);
    } catch {
      // No IPv6 here, or somebody else has the port there: IPv4 alone will do.
    }
  }
  return {
    port: listeningPort,
    close: async () => {
      await Promise.all(servers.map(({ close }) => close()));
    },
  };
};
