import type { CloseName, ErrorCode, RequestId } from "@commcoin/protocol";
import type { Admission } from "../admission/admission.ts";
import type { Farewell } from "../admission/connect-query.ts";
import type { Connection } from "../connections/connection.ts";
import { authenticatedFrame } from "../frames/write-frames.ts";
import type { Credentials, Identity } from "../identity/identity.ts";
import { ANOTHER_USER, farewellTo } from "../admission/token-farewell.ts";
import type { TokenFailure, TokenVerifier } from "../identity/token-verifier.ts";

/** Between the opening of a connection and a token that was verified. */
const PENDING_MAX_MS = 10_000;
/** After a token expired, for the `auth` frame with the next one. */
const EXPIRY_GRACE_MS = 25_000;

const TOO_SLOW: Farewell = farewellTo({
  kind: "unavailable",
  reason: "the token could not be verified in time",
});
const TOKEN_MISSING: Farewell = {
  code: "unauthorized",
  message: "token: none came. Give one in the URL (token), or in the first frame (auth).",
  close: "invalid_token",
  reason: `no token came within ${PENDING_MAX_MS / 1_000} seconds`,
};

interface Pending {
  readonly admission: Admission;
  readonly until: number;
  /** A token is there and is being verified. */
  verifying: boolean;
}

export type AuthenticationOutcome = "accepted" | "refreshed" | "missing" | TokenFailure["kind"];

/** Keeps connections waiting until it is known who they are, and ends them when their token has expired. */
export interface Authenticator {
  /** Connections that wait. */
  readonly pending: number;
  /** Takes over a connection that was opened; `onVerified` is called once, or the connection is closed. */
  open(connection: Connection, admission: Admission): void;
  /** Whether the next frame has to bring the token. */
  awaitsToken(connection: Connection): boolean;
  /** A token in a frame: the first one, or the next one for a connection that has one. */
  authenticate(connection: Connection, id: RequestId | undefined, token: string): void;
  forget(connection: Connection): void;
  /** Closes who waited too long or whose token expired. To be called about once a second. */
  sweep(connections: Iterable<Connection>): void;
}

export function createAuthenticator({
  verifier,
  now,
  wallNow,
  close,
  refuse,
  onVerified,
  onRefreshed,
  onOutcome,
}: {
  readonly verifier: Pick<TokenVerifier, "verify">;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Unix milliseconds. */
  readonly wallNow: () => number;
  readonly close: (connection: Connection, name: CloseName, reason: string) => void;
  readonly refuse: (
    connection: Connection,
    id: RequestId | undefined,
    code: ErrorCode,
    message: string,
  ) => void;
  /** `acknowledge` answers the frame that brought the token; to be called after the `connected` frame. */
  readonly onVerified: (connection: Connection, admission: Admission, acknowledge: () => void) => void;
  /** The connection has new credentials, which may allow less than those before. */
  readonly onRefreshed: (connection: Connection) => void;
  readonly onOutcome: (outcome: AuthenticationOutcome) => void;
}): Authenticator {
  const pending = new Map<Connection, Pending>();
  /** At most one per connection. */
  const refreshing = new Set<Connection>();

  const credentials = (identity: Identity): Credentials => ({
    ...identity,
    deadline: identity.expiresAt === null ? Infinity : now() + identity.expiresAt * 1_000 - wallNow(),
  });
  const acknowledge = (connection: Connection, id: RequestId | undefined, identity: Identity): void =>
    connection.socket.send(
      authenticatedFrame(id, { user_id: identity.userId, expires_at: identity.expiresAt }),
    );
  const refuseEntry = (
    connection: Connection,
    id: RequestId | undefined,
    outcome: AuthenticationOutcome,
    { code, message, close: name, reason }: Farewell,
  ): void => {
    onOutcome(outcome);
    refuse(connection, id, code, message);
    close(connection, name, reason);
  };

  const verifyFirst = async (
    connection: Connection,
    entry: Pending,
    token: string,
    id: RequestId | undefined,
    answer: ((identity: Identity) => void) | null,
  ): Promise<void> => {
    entry.verifying = true;
    const verdict = await verifier.verify(token);
    if (connection.closed || pending.get(connection) !== entry) return;
    pending.delete(connection);
    if ("failure" in verdict) {
      refuseEntry(connection, id, verdict.failure.kind, farewellTo(verdict.failure));
      return;
    }
    const { identity } = verdict;
    const { userId } = entry.admission.query;
    if (userId !== null && userId !== identity.userId) {
      refuseEntry(connection, id, "invalid", ANOTHER_USER);
      return;
    }
    onOutcome("accepted");
    connection.credentials = credentials(identity);
    onVerified(connection, entry.admission, () => answer?.(identity));
  };

  const refresh = async (
    connection: Connection,
    id: RequestId | undefined,
    token: string,
    userId: string,
  ): Promise<void> => {
    refreshing.add(connection);
    const verdict = await verifier.verify(token);
    refreshing.delete(connection);
    if (connection.closed) return;
    if ("failure" in verdict) {
      const { kind, reason } = verdict.failure;
      onOutcome(kind);
      const code = ({ invalid: "unauthorized", expired: "token_expired", unavailable: "internal" } as const)[
        kind
      ];
      refuse(connection, id, code, `This token changes nothing: ${reason}.`);
      return;
    }
    const { identity } = verdict;
    if (identity.userId !== userId) {
      onOutcome("invalid");
      refuse(connection, id, "unauthorized", "The token is another user's. Open another connection for it.");
      return;
    }
    onOutcome("refreshed");
    connection.credentials = credentials(identity);
    acknowledge(connection, id, identity);
    onRefreshed(connection);
  };

  return {
    get pending() {
      return pending.size;
    },
    open(connection, admission) {
      const entry = { admission, until: now() + PENDING_MAX_MS, verifying: false };
      pending.set(connection, entry);
      const { token } = admission.query;
      if (token !== null) void verifyFirst(connection, entry, token, undefined, null);
    },
    awaitsToken: (connection) => pending.get(connection)?.verifying === false,
    authenticate(connection, id, token) {
      const entry = pending.get(connection);
      if (entry !== undefined) {
        void verifyFirst(connection, entry, token, id, (identity) => acknowledge(connection, id, identity));
        return;
      }
      const known = connection.credentials;
      if (known === null || refreshing.has(connection)) {
        refuse(connection, id, "rate_limited", "Another token is being verified. Wait for its answer.");
        return;
      }
      void refresh(connection, id, token, known.userId);
    },
    forget(connection) {
      pending.delete(connection);
    },
    sweep(connections) {
      const at = now();
      for (const [connection, { until, verifying }] of pending) {
        // In the order in which they came: all after this one have longer.
        if (until > at) break;
        pending.delete(connection);
        refuseEntry(
          connection,
          undefined,
          verifying ? "unavailable" : "missing",
          verifying ? TOO_SLOW : TOKEN_MISSING,
        );
      }
      for (const connection of connections) {
        const { credentials: held } = connection;
        if (held !== null && at >= held.deadline + EXPIRY_GRACE_MS) {
          onOutcome("expired");
          close(connection, "token_expired", "token expired");
        }
      }
    },
  };
}
