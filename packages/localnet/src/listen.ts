import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

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

const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
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
  const main = createServer();
  attach(main);
  const listeningPort = await listenOnce(main, isLoopback ? IPV4_LOOPBACK : host, port);
  const servers = [main];
  if (isLoopback) {
    const second = createServer();
    attach(second);
    try {
      await listenOnce(second, IPV6_LOOPBACK, listeningPort);
      servers.push(second);
    } catch {
      // No IPv6 here, or somebody else has the port there: IPv4 alone will do.
    }
  }
  return {
    port: listeningPort,
    close: async () => {
      await Promise.all(servers.map(closeServer));
    },
  };
};
