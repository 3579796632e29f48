import { MESSAGE_TOO_LARGE } from "@commcoin/protocol";
import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import type { Closer } from "../connections/closer.ts";
import type { Connection } from "../connections/connection.ts";
import type { Refuse } from "../connections/refuse.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { Peer } from "../transport/socket.ts";
import type { FrameScheduler } from "./frame-scheduler.ts";

/** A client that subscribes to all its topics one by one when it connects stays within it. */
const FRAME_BURST_FACTOR = 4;

/** @returns makes what the socket of a connection calls. */
export function createSessionPeers({
  maxFrameBytes,
  framesPerSecond,
  scheduler,
  handlers: { memberships, historyQueue },
  refuse,
  closer,
  onClosed,
  metrics,
  now,
}: {
  readonly maxFrameBytes: number;
  readonly framesPerSecond: number;
  readonly scheduler: Pick<FrameScheduler, "schedule">;
  readonly handlers: Pick<HandlerContext, "memberships" | "historyQueue">;
  readonly refuse: Refuse;
  readonly closer: Closer;
  readonly onClosed: (connection: Connection, code: number) => void;
  readonly metrics: Pick<GatewayMetrics, "frameReceived" | "closed">;
  readonly now: () => number;
}): (connection: Connection) => Peer {
  const rate: Rate = { perSecond: framesPerSecond, burst: framesPerSecond * FRAME_BURST_FACTOR };

  /** One per connection, so a class: its methods exist once. */
  class SessionPeer implements Peer {
    readonly #connection: Connection;

    constructor(connection: Connection) {
      this.#connection = connection;
    }

    message(data: ArrayBuffer, isBinary: boolean): void {
      const connection = this.#connection;
      const at = now();
      connection.lastSeenAt = at;
      connection.awaitingPong = false;
      connection.framesIn += 1;
      if (data.byteLength > maxFrameBytes) {
        closer.closeTooLarge(connection);
        return;
      }
      connection.frameBudget ??= new TokenBucket(rate, at);
      const left = connection.frameBudget.overdraw(rate, at);
      if (left < -rate.burst) {
        closer.close(connection, "too_many_requests");
        return;
      }
      if (isBinary) {
        metrics.frameReceived("invalid");
        refuse(
          connection,
          undefined,
          "bad_message",
          "Frames are JSON in text messages; this message was binary. Send a string: JSON.stringify(frame).",
        );
        return;
      }
      // The memory belongs to the transport: it is gone after this call.
      scheduler.schedule(connection, { text: Buffer.from(data).toString(), isLimited: left < 0 });
    }

    pong(): void {
      this.#connection.awaitingPong = false;
      this.#connection.lastSeenAt = now();
    }

    drain(): void {
      memberships.resume(this.#connection);
      historyQueue.resume(this.#connection);
    }

    oversized(): void {
      metrics.closed(MESSAGE_TOO_LARGE);
    }

    closed(code: number): void {
      onClosed(this.#connection, code);
    }
  }

  return (connection) => new SessionPeer(connection);
}
