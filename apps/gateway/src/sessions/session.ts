import { BrokerUnavailableError } from "@commcoin/broker";
import {
  CLOSE_CODES,
  MESSAGE_TOO_LARGE,
  PROTOCOL_VERSION,
  type CloseName,
  type ErrorCode,
  type RequestId,
} from "@commcoin/protocol";
import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Admission } from "../admission/admission.ts";
import { someOf, type Farewell } from "../admission/connect-query.ts";
import type { ConnectionLimits } from "../admission/connection-limits.ts";
import {
  BROKER_AWAY,
  connectedFrame,
  degradedFrame,
  errorReply,
  unsubscribedFrame,
} from "../frames/write-frames.ts";
import { handleFrame } from "../handlers/index.ts";
import type { HandlerContext } from "../handlers/handler.ts";
import { parseFrame } from "../frames/parse-frame.ts";
import { denyTopic, notWatched } from "../handlers/topic-access.ts";
import { createAuthenticator, type Authenticator } from "./authenticator.ts";
import { allowsTopic } from "../identity/identity.ts";
import type { TokenVerifier } from "../identity/token-verifier.ts";
import type { JoinRequest } from "../membership/memberships.ts";
import type { GatewayMetrics } from "../metrics/gateway-metrics.ts";
import { BusyError } from "../topics/turns.ts";
import type { Peer, Socket } from "../transport/socket.ts";
import { Connection } from "../connections/connection.ts";
import { closeReason } from "../connections/close-reason.ts";
import { createConnectionIds } from "../connections/connection-ids.ts";
import { createFrameTurns, type InboundFrame } from "./frame-turns.ts";
import type { Connections } from "../connections/connections.ts";
import type { Heartbeat } from "../connections/heartbeat.ts";
import { implicitTopics } from "./implicit-topics.ts";
import { sayFarewell } from "./say-farewell.ts";

/** A client that subscribes to all its topics one by one when it connects stays within it. */
const FRAME_BURST_FACTOR = 4;
/** Enough for a client with a few wrong topics; a program that only makes mistakes is through it at once. */
const ERROR_RATE: Rate = { perSecond: 1, burst: 50 };
/** Frames that a client may send before it got its first one. */
const INBOX_MAX = 64;

export interface SessionContext {
  readonly serverId: string;
  readonly heartbeatIntervalSeconds: number;
  readonly framesPerSecond: number;
  readonly maxFrameBytes: number;
  /** Of users and addresses, in the whole cluster; null where there are none. */
  readonly limits: ConnectionLimits | null;
  /** null where the user that a client names is believed. */
  readonly verifier: TokenVerifier | null;
  readonly connections: Connections;
  readonly heartbeat: Pick<Heartbeat, "add" | "remove">;
  readonly handlers: Omit<HandlerContext, "refuse" | "authenticate">;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly now: () => number;
  /** Unix milliseconds. */
  readonly wallNow: () => number;
  /** Whether something keeps the broker from delivering. */
  readonly brokerIsAway: () => boolean;
}

/** Runs connections from their first frame to their end. */
export interface Sessions {
  /** A farewell is said, and that is the end of it: such a connection is counted nowhere. */
  open(socket: Socket, admission: Admission | Farewell): Peer;
  /** Connections that nobody knows yet who they belong to. */
  readonly pending: number;
  /** Closes those whose token did not come or has expired. To be called about once a second. */
  sweep(): void;
  close(connection: Connection, name: CloseName, reason?: string): void;
}

export function createSessions(context: SessionContext): Sessions {
  const { connections, heartbeat, handlers, metrics, log, now } = context;
  const nextId = createConnectionIds();
  const frameRate: Rate = {
    perSecond: context.framesPerSecond,
    burst: context.framesPerSecond * FRAME_BURST_FACTOR,
  };

  const end = (connection: Connection, code: number, reason: string): void => {
    if (connection.closed) return;
    metrics.closed(code);
    connection.socket.end(code, closeReason(reason));
  };
  const close: Sessions["close"] = (connection, name, reason = CLOSE_CODES[name].reason) =>
    end(connection, CLOSE_CODES[name].code, reason);

  const refuse = (
    connection: Connection,
    id: RequestId | undefined,
    code: ErrorCode,
    message: string,
  ): void => {
    if (connection.closed) return;
    metrics.errorSent(code);
    connection.socket.send(errorReply(id, code, message));
    if (code === "rate_limited") return;
    connection.errorBudget ??= new TokenBucket(ERROR_RATE, now());
    if (connection.errorBudget.overdraw(ERROR_RATE, now()) < 0) close(connection, "too_many_errors");
  };
  const authenticator: Authenticator | null =
    context.verifier === null
      ? null
      : createAuthenticator({
          verifier: context.verifier,
          now,
          wallNow: context.wallNow,
          close,
          refuse,
          onVerified: (connection, { query }, acknowledge) => {
            connections.identify(connection, connection.credentials?.userId ?? null);
            start(connection, query, acknowledge);
          },
          onRefreshed: (connection) => leaveForbidden(connection),
          onOutcome: metrics.authenticated,
        });
  const handlerContext: HandlerContext = {
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

  const receive = (connection: Connection, text: string): void => {
    const parsed = parseFrame(text);
    if ("error" in parsed) {
      metrics.frameReceived("invalid");
      refuse(connection, parsed.id, parsed.error, parsed.message);
      return;
    }
    const { frame } = parsed;
    metrics.frameReceived(frame.type);
    try {
      handleFrame(handlerContext, connection, frame)?.catch((error: unknown) =>
        fail(connection, frame.id, error),
      );
    } catch (error) {
      fail(connection, frame.id, error);
    }
  };

  /** A new token may allow less than the one before. */
  const leaveForbidden = (connection: Connection): void => {
    const rules = connection.credentials?.topics ?? null;
    for (const membership of connection.memberships.all()) {
      const { topic } = membership.feed;
      if (membership.implicit || allowsTopic(rules, topic)) continue;
      handlers.memberships.leave(connection, membership, () =>
        connection.socket.send(unsubscribedFrame(undefined, { topic })),
      );
    }
  };

  /** @returns whether there is room for it; closes it where there is none. */
  const count = async (connection: Connection, limits: ConnectionLimits): Promise<boolean> => {
    const result = await limits.enter(connection.origin);
    if ("excess" in result) {
      if (!connection.closed) metrics.overLimit(result.excess.limit);
      close(connection, "connection_limit", result.excess.reason);
      return false;
    }
    connection.counted = result.counted;
    if (connection.closed) leaveCounts(connection);
    return !connection.closed;
  };
  const leaveCounts = (connection: Connection): void => {
    if (connection.counted !== null) context.limits?.leave(connection.counted);
    connection.counted = null;
  };

  const begin = async (
    connection: Connection,
    query: Admission["query"],
    acknowledge: () => void,
  ): Promise<void> => {
    const { userId } = connection.origin;
    if (context.limits !== null && !(await count(connection, context.limits))) return;
    const implicit = implicitTopics(context.serverId, connection);
    const asked = query.subscriptions.filter((topic) => !implicit.includes(topic));
    const judged = asked.map((topic) => ({
      topic,
      denied: denyTopic(handlers, connection, topic) ?? handlers.quota.admit(connection, topic),
    }));
    const denied = judged.flatMap((each) => each.denied ?? []);
    const requests: readonly JoinRequest[] = [
      ...implicit.map((topic) => ({ topic, implicit: true, since: query.since.get(topic) })),
      ...judged
        .filter((each) => each.denied === null)
        .map(({ topic }) => ({ topic, implicit: false, since: query.since.get(topic) })),
    ];
    const joined = await handlers.memberships.join(connection, requests, (results) => {
      connection.socket.send(
        connectedFrame({
          connection_id: connection.id,
          server_id: context.serverId,
          user_id: userId,
          heartbeat_interval: context.heartbeatIntervalSeconds,
          subscriptions: results.map(({ state, resumed }) => {
            const { topic, epoch, offset } = state;
            return resumed ? state : { topic, epoch, offset };
          }),
          protocol: PROTOCOL_VERSION,
        }),
      );
      acknowledge();
    });
    if (!joined) return;
    if (context.brokerIsAway()) connection.socket.send(degradedFrame());
    const unwatched = requests.filter(
      ({ topic, implicit }) => !implicit && !connection.memberships.has(topic),
    );
    const complaints = [
      ...query.complaints,
      ...denied,
      ...unwatched.map(({ topic }) => notWatched(handlers, topic)),
    ];
    for (const { code, message } of someOf(complaints)) refuse(connection, undefined, code, message);
    const early = connection.inbox ?? [];
    connection.inbox = null;
    for (const text of early) {
      if (!connection.closed) turns.take(connection, { text, isLimited: false });
    }
  };

  const start = (connection: Connection, query: Admission["query"], acknowledge: () => void): void => {
    begin(connection, query, acknowledge).catch((error: unknown) => {
      const fields = { connection: connection.id, err: error };
      const brokerIsAway = error instanceof BrokerUnavailableError || error instanceof BusyError;
      if (brokerIsAway) log.debug(fields, "could not be joined to its topics");
      else log.error(fields, "could not be joined to its topics");
      close(connection, "forced_reconnect", brokerIsAway ? "message broker unavailable" : "internal error");
    });
  };

  /** Until a token came, nothing else is listened to. */
  const receiveToken = (connection: Connection, text: string): void => {
    const parsed = parseFrame(text);
    if ("frame" in parsed && parsed.frame.type === "auth") {
      receive(connection, text);
      return;
    }
    metrics.frameReceived("invalid");
    const id = "frame" in parsed ? parsed.frame.id : parsed.id;
    refuse(connection, id, "unauthorized", "The first frame must be auth, with a token.");
  };

  const onMessage = (connection: Connection, data: ArrayBuffer, isBinary: boolean): void => {
    const at = now();
    connection.lastSeenAt = at;
    connection.awaitingPong = false;
    connection.framesIn += 1;
    if (data.byteLength > context.maxFrameBytes) {
      end(connection, MESSAGE_TOO_LARGE, "message too large");
      return;
    }
    connection.frameBudget ??= new TokenBucket(frameRate, at);
    const left = connection.frameBudget.overdraw(frameRate, at);
    if (left < -frameRate.burst) {
      close(connection, "too_many_requests");
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
    turns.take(connection, { text: Buffer.from(data).toString(), isLimited: left < 0 });
  };

  const handle = (connection: Connection, { text, isLimited }: InboundFrame): void => {
    if (isLimited) {
      const parsed = parseFrame(text);
      metrics.frameReceived("limited");
      const message = `A client may send ${frameRate.perSecond} messages per second. Slow down.`;
      refuse(connection, "frame" in parsed ? parsed.frame.id : parsed.id, "rate_limited", message);
    } else if (connection.inbox === null) {
      receive(connection, text);
    } else if (authenticator?.awaitsToken(connection) === true) {
      receiveToken(connection, text);
    } else if (connection.inbox.length < INBOX_MAX) {
      connection.inbox.push(text);
    } else {
      close(connection, "too_many_requests");
    }
  };
  const turns = createFrameTurns(handle);

  const onClosed = (connection: Connection, code: number): void => {
    connection.closed = true;
    turns.forget(connection);
    handlers.desk.resume(connection);
    heartbeat.remove(connection);
    authenticator?.forget(connection);
    handlers.memberships.leaveAll(connection);
    connections.remove(connection);
    leaveCounts(connection);
    if (connection.congested && code === 1006) metrics.slowConsumer();
    log.debug(
      {
        connection: connection.id,
        ...connection.origin,
        code,
        seconds: Math.round((now() - connection.connectedAt) / 1_000),
        frames: connection.framesIn,
      },
      "disconnected",
    );
  };

  /** One per connection, so a class: its methods exist once. */
  class Session implements Peer {
    readonly #connection: Connection;

    constructor(connection: Connection) {
      this.#connection = connection;
    }

    message(data: ArrayBuffer, isBinary: boolean): void {
      onMessage(this.#connection, data, isBinary);
    }

    pong(): void {
      this.#connection.awaitingPong = false;
      this.#connection.lastSeenAt = now();
    }

    drain(): void {
      handlers.memberships.resume(this.#connection);
      handlers.desk.resume(this.#connection);
    }

    oversized(): void {
      metrics.closed(MESSAGE_TOO_LARGE);
    }

    closed(code: number): void {
      onClosed(this.#connection, code);
    }
  }

  return {
    close,
    get pending() {
      return authenticator?.pending ?? 0;
    },
    sweep: () => authenticator?.sweep(connections.all()),
    open(socket, admission) {
      if ("close" in admission) return sayFarewell(socket, admission, metrics);
      const at = now();
      const origin = {
        // What a client says of itself is worth nothing where a token has to prove it.
        userId: authenticator === null ? admission.query.userId : null,
        address: admission.address,
        userAgent: admission.userAgent,
      };
      const connection = new Connection(nextId(), origin, socket, at);
      connections.add(connection);
      heartbeat.add(connection);
      log.debug({ connection: connection.id, ...origin }, "connected");
      if (authenticator === null) start(connection, admission.query, () => {});
      else authenticator.open(connection, admission);
      return new Session(connection);
    },
  };
}
