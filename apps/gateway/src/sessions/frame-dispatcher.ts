import { BrokerUnavailableError } from "@commcoin/broker";
import type { RequestId } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import type { Authenticator } from "../authentication/authenticator.ts";
import type { Closer } from "../connections/closer.ts";
import type { Connection } from "../connections/connection.ts";
import type { Refuse } from "../connections/refuse.ts";
import { parseFrame } from "../frames/parse-frame.ts";
import { BROKER_AWAY } from "../frames/write-frames.ts";
import { handleFrame } from "../handlers/index.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { InboundFrame } from "./frame-scheduler.ts";

/** Frames that a client may send before it got its first one. */
const INBOX_MAX = 64;

export interface FrameDispatcherOptions {
  readonly handlers: Omit<HandlerContext, "refuse" | "authenticate">;
  /** null where tokens are not verified. */
  readonly authenticator: Pick<Authenticator, "awaitsToken" | "authenticate"> | null;
  readonly refuse: Refuse;
  readonly closer: Pick<Closer, "close">;
  readonly framesPerSecond: number;
  readonly metrics: Pick<GatewayMetrics, "frameReceived">;
  readonly log: Logger;
}

/**
 * @returns gives a frame of a client to the handler of its type: at once, or once the connection has its first frame. Until
 * a token came where one has to come, nothing else is accepted.
 */
export function createFrameDispatcher({
  handlers,
  authenticator,
  refuse,
  closer,
  framesPerSecond,
  metrics,
  log,
}: FrameDispatcherOptions): (connection: Connection, frame: InboundFrame) => void {
  const context: HandlerContext = {
    ...handlers,
    refuse,
    authenticate:
      authenticator === null
        ? null
        : (connection, id, token) => authenticator.authenticate(connection, id, token),
  };

  const fail = (connection: Connection, id: RequestId | undefined, error: unknown): void => {
    const brokerIsAway = error instanceof BrokerUnavailableError;
    if (brokerIsAway) log.debug({ connection: connection.id, err: error }, "request failed");
    else log.error({ connection: connection.id, err: error }, "request failed");
    const why = brokerIsAway ? BROKER_AWAY : "Something went wrong.";
    refuse(connection, id, "internal", `${why} Try again.`);
  };
  const dispatch = (connection: Connection, text: string): void => {
    const parsed = parseFrame(text);
    if ("error" in parsed) {
      metrics.frameReceived("invalid");
      refuse(connection, parsed.id, parsed.error, parsed.message);
      return;
    }
    const { frame } = parsed;
    metrics.frameReceived(frame.type);
    try {
      handleFrame(context, connection, frame)?.catch((error: unknown) => fail(connection, frame.id, error));
    } catch (error) {
      fail(connection, frame.id, error);
    }
  };
  const dispatchToken = (connection: Connection, text: string): void => {
    const parsed = parseFrame(text);
    if ("frame" in parsed && parsed.frame.type === "auth") {
      dispatch(connection, text);
      return;
    }
    metrics.frameReceived("invalid");
    const id = "frame" in parsed ? parsed.frame.id : parsed.id;
    refuse(connection, id, "unauthorized", "The first frame must be auth, with a token.");
  };

  return (connection, { text, isLimited }) => {
    if (isLimited) {
      const parsed = parseFrame(text);
      metrics.frameReceived("limited");
      const message = `A client may send ${framesPerSecond} messages per second. Slow down.`;
      refuse(connection, "frame" in parsed ? parsed.frame.id : parsed.id, "rate_limited", message);
    } else if (connection.inbox === null) {
      dispatch(connection, text);
    } else if (authenticator?.awaitsToken(connection) === true) {
      dispatchToken(connection, text);
    } else if (connection.inbox.length < INBOX_MAX) {
      connection.inbox.push(text);
    } else {
      closer.close(connection, "too_many_requests");
    }
  };
}
