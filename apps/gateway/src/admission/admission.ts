import type { RefusalCode } from "@commcoin/protocol";
import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import type { Connections } from "../connections/connections.ts";
import { ANOTHER_USER, rejectionOf } from "./token-rejection.ts";
import type { TokenVerifier } from "../identity/token-verifier.ts";
import type { Handshake, HttpAnswer } from "../transport/socket.ts";
import type { AdmissionRules } from "./admission-rules.ts";
import { parseConnectQuery, type ConnectQuery, type Rejection } from "./connect-query.ts";
import { refusal } from "../http/refusal.ts";

/** A full server may have room again when a client left; nobody gains from asking much earlier. */
const FULL_RETRY_SECONDS = 5;
/** Long enough for a load balancer to see that this server is not ready. */
const DRAIN_RETRY_SECONDS = 2;
const RATE_RETRY_SECONDS = 1;
const ADDRESS_RETRY_SECONDS = 10;
const PENDING_RETRY_SECONDS = 1;
/** Connections that may wait for their token to come or to be verified, as a part of all; a few are always possible. */
const PENDING_SHARE = 1 / 10;
const PENDING_MIN = 100;
/** What is kept of a user agent, which is as long as a client likes. */
const USER_AGENT_LENGTH = 200;

/**
 * Connections that are opened only to be told why they cannot be. What is beyond it is refused before: the mistakes of some
 * must not become the work of all.
 */
const REJECTIONS: Rate = { perSecond: 50, burst: 200 };

/** A handshake that was accepted. */
export interface Admission {
  readonly query: ConnectQuery;
  readonly address: string;
  readonly userAgent: string;
}

/** Decides who may open a WebSocket, and who is only told why not. */
export type Admit = (
  handshake: Handshake,
) => { readonly admission: Admission | Rejection } | { readonly refusal: HttpAnswer };

/** @returns what is wrong with the token of a query as far as can be told without its key, or null. */
function findTokenProblem(
  { token, userId }: ConnectQuery,
  verifier: Pick<TokenVerifier, "inspect"> | null,
): Rejection | null {
  // It may come in the first frame.
  if (token === null) return null;
  if (verifier === null) {
    return {
      ...rejectionOf({ kind: "invalid", reason: "this server does not verify tokens" }),
      message:
        "token: this server does not verify tokens (AUTH_MODE=none). Connect without one, and name the user with user_id.",
    };
  }
  const verdict = verifier.inspect(token);
  if ("failure" in verdict) return rejectionOf(verdict.failure);
  return userId === null || userId === verdict.identity.userId ? null : ANOTHER_USER;
}

export function createAdmission({
  rules: { limits, allowsOrigin, clientAddress },
  connections,
  isDraining,
  onRefused,
  now,
  verifier,
  pending,
}: {
  readonly rules: AdmissionRules;
  readonly connections: Pick<Connections, "size" | "countOfAddress">;
  readonly isDraining: () => boolean;
  readonly onRefused: (code: RefusalCode) => void;
  readonly now: () => number;
  /** null where the user that a client names is believed. */
  readonly verifier: Pick<TokenVerifier, "inspect"> | null;
  /** Number of connections that nobody knows yet who they belong to. */
  readonly pending: () => number;
}): Admit {
  const rate = { perSecond: limits.connectsPerSecond, burst: limits.connectsPerSecond };
  const connects = limits.connectsPerSecond > 0 ? new TokenBucket(rate, now()) : null;
  const refuse = (code: RefusalCode, message: string, retryAfterSeconds?: number) => {
    onRefused(code);
    return { refusal: refusal(code, message, retryAfterSeconds) };
  };

  const maxPending = Math.max(PENDING_MIN, Math.ceil(limits.maxConnections * PENDING_SHARE));

  const rejections = new TokenBucket(REJECTIONS, now());
  const reject = (rejection: Rejection) =>
    rejections.take(REJECTIONS, now()) === 0
      ? { admission: rejection }
      : refuse(
          "rate_limited",
          "Too many connections come with mistakes in their query or token. Correct them, and come back later.",
          RATE_RETRY_SECONDS,
        );

  return ({ query: text, address: peer, forwardedFor, origin, userAgent }) => {
    if (isDraining()) return refuse("draining", "This server is shutting down.", DRAIN_RETRY_SECONDS);
    if (!allowsOrigin(origin)) {
      return refuse(
        "forbidden_origin",
        "Pages of this origin may not connect here (WEBSOCKET_ALLOWED_ORIGINS).",
      );
    }
    if (connections.size >= limits.maxConnections) {
      return refuse(
        "server_full",
        `This server holds ${limits.maxConnections} connections.`,
        FULL_RETRY_SECONDS,
      );
    }
    if (pending() >= maxPending) {
      return refuse(
        "pending_limit",
        `${maxPending} connections wait for their token to be verified.`,
        PENDING_RETRY_SECONDS,
      );
    }
    const address = clientAddress(peer, forwardedFor);
    const perAddress = limits.maxConnectionsPerAddress;
    if (
      perAddress > 0 &&
      limits.countsAddress(address) &&
      connections.countOfAddress(address) >= perAddress
    ) {
      return refuse(
        "address_limit",
        `There are ${perAddress} connections from this address already.`,
        ADDRESS_RETRY_SECONDS,
      );
    }
    if (connects !== null && connects.take(rate, now()) > 0) {
      return refuse(
        "rate_limited",
        `This server accepts ${limits.connectsPerSecond} connections per second.`,
        RATE_RETRY_SECONDS,
      );
    }
    const query = parseConnectQuery(text, limits);
    if ("close" in query) return reject(query);
    const problem = findTokenProblem(query, verifier);
    if (problem !== null) return reject(problem);
    return { admission: { query, address, userAgent: userAgent.slice(0, USER_AGENT_LENGTH) } };
  };
}
