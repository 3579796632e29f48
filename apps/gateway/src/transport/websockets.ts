import type { HttpRequest, TemplatedApp } from "uWebSockets.js";
import type { UwsModule } from "./native-module.ts";
import { formatAddress } from "./remote-address.ts";
import { orFailure, writeAnswer } from "./requests.ts";
import type { TransportHandlers, TransportOptions } from "./socket.ts";
import { UwsSocket, type SocketData } from "./uws-socket.ts";

/**
 * uWebSockets.js drops a connection without a close code when a message is over its limit. Its limit is therefore set
 * this much above the one that clients are told, so that who is a little over it gets the code. Not more: a client that
 * never finishes its message has the gateway keep all of it for as long as it answers pings.
 */
const OVERSIZE_MARGIN_BYTES = 16_384;
/** What it says of a connection that it dropped for that. */
const TOO_BIG = "Received too big message";

/** A proxy may add a line of its own to the one that the client made up; `getHeader` gives the first one only. */
function readForwardedFor(request: HttpRequest): readonly string[] {
  const lines: string[] = [];
  request.forEach((name, value) => {
    if (name === "x-forwarded-for") lines.push(value);
  });
  return lines;
}

/** Takes WebSockets at `/ws`. */
export function serveWebSockets<Admission>(
  app: TemplatedApp,
  native: Pick<UwsModule, "DISABLED">,
  options: TransportOptions,
  handlers: Pick<TransportHandlers<Admission>, "admit" | "open">,
): void {
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
        writeAnswer(response, "refusal" in decision ? decision.refusal : decision, true);
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
}
