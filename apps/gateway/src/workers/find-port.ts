import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { portTaken } from "../transport/port-taken.ts";

/**
 * Makes sure that nobody listens on a port that several processes are about to share: the system would let them join in,
 * and deal the connections out to strangers as well.
 * @returns the port; one that is free for 0.
 * @throws {StartError} when it is taken or not permitted.
 */
export async function findPort(wanted: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted);
    await once(server, "listening");
  } catch {
    throw portTaken(wanted);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
