import type { HttpRequest, HttpResponse, ListenOptions, us_listen_socket } from "uWebSockets.js";
import { loadNativeModule } from "./native-module.ts";
import { portTaken } from "./port-taken.ts";
import { formatAddress } from "./remote-address.ts";
import type { HttpAnswer, Transport, TransportHandlers, TransportOptions } from "./socket.ts";
import { utf8, UwsSocket, type SocketData } from "./uws-socket.ts";

/**
 * uWebSockets.js drops a connection without a close code when a message is over its limit. Its limit is therefore set
 * this much above the one that clients are told, so that who is a little over it gets the code. Not more: a client that
 * never finishes its message has the gateway keep all of it for as long as it answers pings.
 */
const OVERSIZE_MARGIN_BYTES = 16_384;
/** What it says of a connection that it dropped for that. */
const TOO_BIG = "Received too big message";

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: "OK",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const failure: HttpAnswer = {
  status: 500,
  contentType: "application/json; charset=utf-8",
  body: '{"code":"internal","message":"The request could not be answered."}',
};

/** A proxy may add a line of its own to the one that the client made up; `getHeader` gives the first one only. */
function readForwardedFor(request: HttpRequest): readonly string[] {
  const lines: string[] = [];
  request.forEach((name, value) => {
    if (name === "x-forwarded-for") lines.push(value);
  });
  return lines;
}

/** The process ends when a request handler of the native module throws. */
function orFailure<Answer>(answer: () => Answer): Answer | HttpAnswer {
  try {
    return answer();
  } catch {
    return failure;
  }
}

function write(
  response: HttpResponse,
  { status, contentType, body, headers }: HttpAnswer,
  withBody: boolean,
): void {
  response.writeStatus(`${status} ${STATUS_TEXT[status] ?? ""}`.trim());
  response.writeHeader("content-type", contentType);
  response.writeHeader("cache-control", "no-store");
  for (const [name, value] of Object.entries(headers ?? {})) response.writeHeader(name, value);
  // An answer to HEAD has no body. `endWithoutBody`, which would announce its length, aborts the process in 20.30.
  response.end(withBody ? utf8(body) : "");
}

/**
 * HTTP and WebSocket server on uWebSockets.js, with the methods that both its official build and the build from npm
 * have. `/ws` takes WebSockets; everything else is answered by `handlers.request`.
 * @throws {StartError} when the native module cannot be loaded.
 */
export function createUwsTransport<Admission>(
  options: TransportOptions,
  handlers: TransportHandlers<Admission>,
): Transport {
  const native = loadNativeModule();
  // The type says that it is an enum; it is a constant of the module, in both builds.
  const { LIBUS_LISTEN_EXCLUSIVE_PORT } = native as unknown as Readonly<
    Record<"LIBUS_LISTEN_EXCLUSIVE_PORT", ListenOptions>
  >;
  const app = native.App();
  let listenSocket: us_listen_socket | null = null;

  app.ws<SocketData<Admission>>("/ws", {
    maxPayloadLength: options.maxFrameBytes + OVERSIZE_MARGIN_BYTES,
    maxBackpressure: options.maxBackpressureBytes,
    // A number by the types of 20.30, a boolean by those of 20.51, read as a boolean by both. Without it, publishing
    // skips a slow socket and tells nobody.
    closeOnBackpressureLimit: true as never,
    idleTimeout: options.idleTimeoutSeconds,
    sendPingsAutomatically: false,
    compression: native.DISABLED,
    upgrade(response, request, context) {
      const decision = orFailure(() =>
        handlers.admit({
          // Typed as always there; undefined without a question mark.
          query: (request.getQuery() as string | undefined) ?? "",
          address: formatAddress(new Uint8Array(response.getRemoteAddress())),
          forwardedFor: readForwardedFor(request),
          origin: request.getHeader("origin"),
          userAgent: request.getHeader("user-agent"),
        }),
      );
      if (!("admission" in decision)) {
        write(response, "refusal" in decision ? decision.refusal : decision, true);
        return;
      }
      response.upgrade<SocketData<Admission>>(
        { admission: decision.admission, socket: null, peer: null, closedWith: null },
        request.getHeader("sec-websocket-key"),
        request.getHeader("sec-websocket-protocol"),
        request.getHeader("sec-websocket-extensions"),
        context,
      );
    },
    open(ws) {
      const data = ws.getUserData();
      const { admission } = data;
      if (admission === null) return;
      data.admission = null;
      data.socket = new UwsSocket(ws);
      data.peer = handlers.open(data.socket, admission);
      if (data.closedWith !== null) data.peer.closed(data.closedWith);
    },
    message: (ws, message, isBinary) => ws.getUserData().peer?.message(message, isBinary),
    pong: (ws) => ws.getUserData().peer?.pong(),
    drain: (ws) => ws.getUserData().peer?.drain(),
    close(ws, code, reason) {
      const data = ws.getUserData();
      const text = Buffer.from(reason).toString();
      data.socket?.detach(code, text);
      if (text === TOO_BIG) data.peer?.oversized();
      if (data.peer === null) data.closedWith = code;
      else data.peer.closed(code);
    },
  });

  app.any("/*", (response, request) => {
    const method = request.getMethod();
    const withBody = method !== "head";
    const answer = orFailure(() =>
      handlers.request({ method, path: request.getUrl(), origin: request.getHeader("origin") }),
    );
    if (!(answer instanceof Promise)) {
      write(response, answer, withBody);
      return;
    }
    let aborted = false;
    response.onAborted(() => {
      aborted = true;
    });
    const finish = (ready: HttpAnswer): void => {
      if (!aborted) response.cork(() => write(response, ready, withBody));
    };
    answer.then(finish, () => finish(failure));
  });

  return {
    get port() {
      return listenSocket === null ? 0 : native.us_socket_local_port(listenSocket);
    },
    async listen() {
      const { port, sharedPort } = options;
      const socket = await new Promise<us_listen_socket | false>((resolve) => {
        // By default the system lets several processes listen on one port, and deals the connections out to them.
        if (sharedPort) app.listen(port, resolve);
        else app.listen(port, LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
      });
      if (socket === false) throw portTaken(port);
      listenSocket = socket;
    },
    publish(topic, frame) {
      app.publish(utf8(topic), typeof frame === "string" ? utf8(frame) : frame, false);
    },
    close() {
      if (listenSocket !== null) native.us_listen_socket_close(listenSocket);
      listenSocket = null;
    },
  };
}
