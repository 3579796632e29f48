import { CLOSE_CODES } from "@commcoin/protocol";
import type { Rejection } from "../admission/connect-query.ts";
import { errorReply } from "../frames/write-frames.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { Peer, Socket } from "../transport/socket.ts";
import { closeReason } from "../connections/close-reason.ts";

/** Nobody listens to what comes after it. */
const NOBODY: Peer = { message() {}, pong() {}, drain() {}, oversized() {}, closed() {} };

/** Tells a client why it cannot be connected, and closes. */
export function rejectConnection(
  socket: Socket,
  { code, message, close, reason }: Rejection,
  metrics: Pick<GatewayMetrics, "errorSent" | "closed">,
): Peer {
  metrics.errorSent(code);
  metrics.closed(CLOSE_CODES[close].code);
  socket.send(errorReply(undefined, code, message));
  socket.end(CLOSE_CODES[close].code, closeReason(reason));
  return NOBODY;
}
