import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerClientError } from "./client-error.ts";
import { isOperationsPath, OPERATIONS_METHODS, type Operations } from "./operations.ts";

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Probes and scrapers send their request at once. */
const REQUEST_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 1_000;
/** Far more than there are probes and scrapers. */
const MAX_CONNECTIONS = 1_000;

const refuse = (
  response: ServerResponse,
  status: number,
  refusal: { readonly code: string; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): void => {
  // Perhaps with a body that nobody wants to read.
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    connection: "close",
    ...headers,
  });
  response.end(JSON.stringify(refusal));
};

/** The path of a request's target, which a proxy may send as a whole URL. */
const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?#]*/i, "").split("?", 1)[0] || "/";

function respond(operations: Operations, request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url = "/" } = request;
  const path = pathOf(url);
  if (!isOperationsPath(path)) {
    const message = "There are /healthz, /readyz and /metrics here.";
    refuse(response, 404, { code: "not_found", message });
    return;
  }
  const answer = method === "GET" || method === "HEAD" ? operations.answer(path) : null;
  if (answer === null) {
    const message = `There is no ${method} here, but ${OPERATIONS_METHODS}.`;
    refuse(response, 405, { code: "method_not_allowed", message }, { allow: OPERATIONS_METHODS });
    return;
  }
  answer.then(
    ({ status, contentType, body }) => {
      response.writeHead(status, {
        "content-type": contentType,
        "content-length": Buffer.byteLength(body),
        "cache-control": "no-store",
      });
      response.end(body);
    },
    () => refuse(response, 500, { code: "internal", message: "The request could not be answered." }),
  );
}

/** Serves health and metrics for a service that has no HTTP server of its own. */
export async function startOperationsServer(operations: Operations, port: number): Promise<OperationsServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    (request, response) => respond(operations, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", answerClientError);
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
