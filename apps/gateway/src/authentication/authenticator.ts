import type { RequestId } from "@commcoin/protocol";
import type { Admission } from "../admission/admission.ts";
import type { Connection } from "../connections/connection.ts";
import { createFirstTokens, type OnVerified } from "./first-token.ts";
import type { TokenContext } from "./token-context.ts";
import { createTokenRefresh } from "./token-refresh.ts";

/** After a token expired, for the `auth` frame with the next one. */
const EXPIRY_GRACE_MS = 25_000;

/** Keeps connections waiting until it is known who they are, and ends them when their token has expired. */
export interface Authenticator {
  /** Connections that wait. */
  readonly pending: number;
  /** Takes over a connection that was opened; `onVerified` is called once, or the connection is closed. */
  open(connection: Connection, admission: Admission, onVerified: OnVerified): void;
  /** Whether the next frame has to bring the token. */
  awaitsToken(connection: Connection): boolean;
  /** A token in a frame: the first one, or the next one for a connection that has one. */
  authenticate(connection: Connection, id: RequestId | undefined, token: string): void;
  forget(connection: Connection): void;
  /** Closes who waited too long or whose token expired. To be called about once a second. */
  sweep(connections: Iterable<Connection>): void;
}

export function createAuthenticator(
  context: TokenContext & {
    /** The connection has new credentials, which may allow less than those before. */
    readonly onRefreshed: (connection: Connection) => void;
  },
): Authenticator {
  const { now, closer, onOutcome } = context;
  const firstTokens = createFirstTokens(context);
  const refresh = createTokenRefresh(context);
  return {
    get pending() {
      return firstTokens.size;
    },
    open: firstTokens.open,
    awaitsToken: firstTokens.isAwaited,
    authenticate(connection, id, token) {
      if (firstTokens.has(connection)) firstTokens.verify(connection, id, token);
      else refresh(connection, id, token);
    },
    forget: firstTokens.forget,
    sweep(connections) {
      firstTokens.sweep();
      const at = now();
      for (const connection of connections) {
        const { credentials } = connection;
        if (credentials !== null && at >= credentials.deadline + EXPIRY_GRACE_MS) {
          onOutcome("expired");
          closer.close(connection, "token_expired", "token expired");
        }
      }
    },
  };
}
