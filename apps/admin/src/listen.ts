import type { AddressInfo } from "node:net";
import { StartError } from "@commcoin/service/lifecycle";
import type { FastifyInstance } from "fastify";

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there already; stop it or choose another ADMIN_PORT",
  EACCES: "this user may not; choose an ADMIN_PORT above 1023",
  EADDRNOTAVAIL: "this machine does not have that address; correct ADMIN_HOST",
  ENOTFOUND: "that name has no address; correct ADMIN_HOST",
};

/**
 * Listens, on every address of either IP version unless a host is given.
 * @returns the port.
 * @throws {StartError} that says what to change.
 */
export async function listen(app: FastifyInstance, port: number, host: string | undefined): Promise<number> {
  try {
    await app.listen({ port, host: host ?? "::" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // A machine without IPv6 has no "::".
    if (host === undefined && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) {
      return listen(app, port, "0.0.0.0");
    }
    const reason = REASONS[code] ?? (error as Error).message;
    throw new StartError(`The admin service cannot listen on ${host ?? "*"}:${port}: ${reason}.`, {
      cause: error,
    });
  }
  return (app.server.address() as AddressInfo).port;
}
