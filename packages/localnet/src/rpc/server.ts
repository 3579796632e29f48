import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { CONTROL_PATH, type ControlAnswer, type ControlRequest } from "../faults/control.ts";
import type { Interception } from "../faults/http-faults.ts";
import { type Dispatch, handleJsonRpc } from "../json-rpc.ts";

/** `MAX_REQUEST_BODY_SIZE` of agave. */
const MAX_BODY_BYTES = 50 * 1_024;

export interface RpcOptions {
  readonly dispatch: Dispatch;
  /** What a request's body is answered with instead of its calls, if with anything. */
  readonly intercept: (body: string) => Interception | null;
  /** Answers requests on `/faults`. */
  readonly control: (request: ControlRequest) => ControlAnswer;
}

/** The body, or null when it is longer than allowed. */
const readBody = (request: IncomingMessage): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= MAX_BODY_BYTES) return;
      request.pause();
      resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });

const respond = (
  response: ServerResponse,
  status: number,
  body: string,
  contentType = "text/plain",
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, {
    ...headers,
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "access-control-allow-origin": "*",
    // The rest of a body that was too long is not read.
    ...(status === 413 ? { connection: "close" } : {}),
  });
  response.end(body);
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  { dispatch, intercept, control }: RpcOptions,
): Promise<void> => {
  if (request.url === CONTROL_PATH) {
    const body = await readBody(request);
    if (body === null) return respond(response, 413, "Request body is too large.\n");
    const { status, text } = control({
      method: request.method ?? "",
      remoteAddress: request.socket.remoteAddress ?? "",
      origin: request.headers.origin,
      body,
    });
    return respond(response, status, text, "application/json; charset=utf-8");
  }
  if (request.method === "GET" && request.url === "/health") {
    return respond(response, 200, "ok");
  }
  if (request.method === "OPTIONS") {
    response.writeHead(200, {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "content-type, solana-client",
      "access-control-allow-methods": "OPTIONS, POST",
    });
    response.end();
    return;
  }
  if (request.method !== "POST") {
    return respond(response, 405, "Used HTTP Method is not allowed. POST or OPTIONS is required\n");
  }
  if (!request.headers["content-type"]?.startsWith("application/json")) {
    return respond(
      response,
      415,
      "Supplied content type is not allowed. Content-Type: application/json is required\n",
    );
  }
  const body = await readBody(request);
  if (body === null) return respond(response, 413, "Request body is too large.\n");
  const interception = intercept(body);
  if (interception?.type === "silence") return;
  if (interception) {
    const { status, body, contentType, headers } = interception;
    return respond(response, status, body, contentType, headers);
  }
  respond(response, 200, handleJsonRpc(body, dispatch) ?? "", "application/json; charset=utf-8");
};

/** Answers JSON-RPC over HTTP, as agave does it. */
export const attachRpc = (server: Server, options: RpcOptions): void => {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    // A client that went away while it sent its body gets no answer.
    answer(request, response, options).catch(() => response.destroy());
  });
};
