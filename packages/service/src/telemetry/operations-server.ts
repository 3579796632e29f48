import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Operations } from "./operations.ts";

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves health and metrics for a service that has no HTTP server of its own. */
export async function startOperationsServer(operations: Operations, port: number): Promise<OperationsServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const answer = request.method === "GET" || request.method === "HEAD" ? operations.answer(path) : null;
    if (answer === null) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"code":"not_found","message":"There are /healthz, /readyz and /metrics here."}');
      return;
    }
    answer.then(
      ({ status, contentType, body }) =>
        response.writeHead(status, { "content-type": contentType }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
