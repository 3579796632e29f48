import type { RefusalCode } from "@commcoin/protocol";
import type { Connections } from "../connections/connections.ts";
import { TokenBucket } from "../connections/token-bucket.ts";
import type { Handshake, HttpAnswer } from "../transport/socket.ts";
import { parseConnectQuery, type ConnectQuery, type ConnectQueryLimits } from "./connect-query.ts";
import { refusal } from "./refusal.ts";

/** A full server may have room again when a client left; nobody gains from asking much earlier. */
const FULL_RETRY_SECONDS = 5;
/** Long enough for a load balancer to see that this server is not ready. */
const DRAIN_RETRY_SECONDS = 2;
const RATE_RETRY_SECONDS = 1;
const ADDRESS_RETRY_SECONDS = 10;
/** What is kept of a user agent, which is as long as a client likes. */
const USER_AGENT_LENGTH = 200;

/** A handshake that was accepted. */
export interface Admission {
  readonly query: ConnectQuery;
  readonly address: string;
  readonly userAgent: string;
}

export interface AdmissionLimits extends ConnectQueryLimits {
  readonly maxConnections: number;
  /** 0 for any number. */
  readonly maxConnectionsPerAddress: number;
  /** 0 for any number. */
  readonly connectsPerSecond: number;
}

/** Decides who may open a WebSocket. */
export type Admit = (
  handshake: Handshake,
) => { readonly admission: Admission } | { readonly refusal: HttpAnswer };

export function createAdmission({
  limits,
  connections,
  isDraining,
  onRefused,
  now,
}: {
  readonly limits: AdmissionLimits;
  readonly connections: Pick<Connections, "size" | "countOfAddress">;
  readonly isDraining: () => boolean;
  readonly onRefused: (code: RefusalCode) => void;
  readonly now: () => number;
}): Admit {
  const rate = { perSecond: limits.connectsPerSecond, burst: limits.connectsPerSecond };
  const connects = limits.connectsPerSecond > 0 ? new TokenBucket(rate, now()) : null;
  const refuse = (code: RefusalCode, message: string, retryAfterSeconds?: number) => {
    onRefused(code);
    return { refusal: refusal(code, message, retryAfterSeconds) };
  };

  return ({ query: text, address, userAgent }) => {
    if (isDraining()) return refuse("draining", "This server is shutting down.", DRAIN_RETRY_SECONDS);
    if (connections.size >= limits.maxConnections) {
      return refuse(
        "server_full",
        `This server holds ${limits.maxConnections} connections.`,
        FULL_RETRY_SECONDS,
      );
    }
    const perAddress = limits.maxConnectionsPerAddress;
    if (perAddress > 0 && connections.countOfAddress(address) >= perAddress) {
      return refuse(
        "rate_limited",
        `There are ${perAddress} connections from this address already.`,
        ADDRESS_RETRY_SECONDS,
      );
    }
    const query = parseConnectQuery(text, limits);
    if (typeof query === "string") return refuse("bad_query", query);
    if (query.token !== null) {
      return refuse(
        "bad_token",
        "This server does not verify tokens (AUTH_MODE=none). Connect without one, and name the user with user_id.",
      );
    }
    // Last, so that only connections that come to be count.
    if (connects !== null && connects.take(rate, now()) < 0) {
      return refuse(
        "rate_limited",
        `This server accepts ${limits.connectsPerSecond} connections per second.`,
        RATE_RETRY_SECONDS,
      );
    }
    return { admission: { query, address, userAgent: userAgent.slice(0, USER_AGENT_LENGTH) } };
  };
}
