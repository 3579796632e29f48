import type { RequestId } from "@commcoin/protocol";
import type { Admission } from "../admission/admission.ts";
import type { Rejection } from "../admission/connect-query.ts";
import { ANOTHER_USER, rejectionOf } from "../admission/token-rejection.ts";
import type { Connection } from "../connections/connection.ts";
import {
  acknowledgeToken,
  credentialsOf,
  type AuthenticationOutcome,
  type TokenContext,
} from "./token-context.ts";

/** Between the opening of a connection and a token that was verified. */
const PENDING_MAX_MS = 10_000;

const TOO_SLOW: Rejection = rejectionOf({
  kind: "unavailable",
  reason: "the token could not be verified in time",
});
const TOKEN_MISSING: Rejection = {
  code: "unauthorized",
  message: "token: none came. Give one in the URL (token), or in the first frame (auth).",
  close: "invalid_token",
  reason: `no token came within ${PENDING_MAX_MS / 1_000} seconds`,
};

/** `acknowledge` answers the frame that brought the token, if one did; to be called after the `connected` frame. */
export type OnVerified = (acknowledge: () => void) => void;

interface Pending {
  readonly admission: Admission;
  readonly onVerified: OnVerified;
  readonly until: number;
  /** A token is there and is being verified. */
  verifying: boolean;
}

/** Connections that it is not known of yet who they are. */
export interface FirstTokens {
  readonly size: number;
  has(connection: Connection): boolean;
  /** Verifies the token of the URL, or waits for a frame that brings one. */
  readonly open: (connection: Connection, admission: Admission, onVerified: OnVerified) => void;
  /** Whether the next frame has to bring the token. */
  readonly isAwaited: (connection: Connection) => boolean;
  /** For a connection that `has` knows. */
  verify(connection: Connection, id: RequestId | undefined, token: string): void;
  readonly forget: (connection: Connection) => void;
  /** Closes those that waited too long. */
  sweep(): void;
}

export function createFirstTokens(context: TokenContext): FirstTokens {
  const { verifier, now, closer, refuse, onOutcome } = context;
  const pending = new Map<Connection, Pending>();

  const reject = (
    connection: Connection,
    id: RequestId | undefined,
    outcome: AuthenticationOutcome,
    { code, message, close: name, reason }: Rejection,
  ): void => {
    onOutcome(outcome);
    refuse(connection, id, code, message);
    closer.close(connection, name, reason);
  };
  const verify = async (
    connection: Connection,
    entry: Pending,
    token: string,
    frame: { readonly id: RequestId | undefined } | null,
  ): Promise<void> => {
    entry.verifying = true;
    const verdict = await verifier.verify(token);
    if (connection.closed || pending.get(connection) !== entry) return;
    pending.delete(connection);
    if ("failure" in verdict) {
      reject(connection, frame?.id, verdict.failure.kind, rejectionOf(verdict.failure));
      return;
    }
    const { identity } = verdict;
    const { userId } = entry.admission.query;
    if (userId !== null && userId !== identity.userId) {
      reject(connection, frame?.id, "invalid", ANOTHER_USER);
      return;
    }
    onOutcome("accepted");
    connection.credentials = credentialsOf(identity, context);
    entry.onVerified(() => {
      if (frame !== null) acknowledgeToken(connection, frame.id, identity);
    });
  };

  return {
    get size() {
      return pending.size;
    },
    has: (connection) => pending.has(connection),
    open(connection, admission, onVerified) {
      const entry = { admission, onVerified, until: now() + PENDING_MAX_MS, verifying: false };
      pending.set(connection, entry);
      const { token } = admission.query;
      if (token !== null) void verify(connection, entry, token, null);
    },
    isAwaited: (connection) => pending.get(connection)?.verifying === false,
    verify(connection, id, token) {
      const entry = pending.get(connection);
      if (entry !== undefined) void verify(connection, entry, token, { id });
    },
    forget: (connection) => void pending.delete(connection),
    sweep() {
      const at = now();
      for (const [connection, { until, verifying }] of pending) {
        // In the order in which they came: all after this one have longer.
        if (until > at) break;
        pending.delete(connection);
        if (verifying) reject(connection, undefined, "unavailable", TOO_SLOW);
        else reject(connection, undefined, "missing", TOKEN_MISSING);
      }
    },
  };
}
