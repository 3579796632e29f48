import type { RequestId } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import { acknowledgeToken, credentialsOf, type TokenContext } from "./token-context.ts";

const FAILURE_CODES = { invalid: "unauthorized", expired: "token_expired", unavailable: "internal" } as const;

/**
 * Verifies the next token of a connection that has one, one at a time.
 * @param onRefreshed the connection has new credentials, which may allow less than those before.
 */
export function createTokenRefresh(
  context: TokenContext & { readonly onRefreshed: (connection: Connection) => void },
): (connection: Connection, id: RequestId | undefined, token: string) => void {
  const { verifier, refuse, onOutcome, onRefreshed } = context;
  const refreshing = new Set<Connection>();

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
      refuse(connection, id, FAILURE_CODES[kind], `This token changes nothing: ${reason}.`);
      return;
    }
    const { identity } = verdict;
    if (identity.userId !== userId) {
      onOutcome("invalid");
      refuse(connection, id, "unauthorized", "The token is another user's. Open another connection for it.");
      return;
    }
    onOutcome("refreshed");
    connection.credentials = credentialsOf(identity, context);
    acknowledgeToken(connection, id, identity);
    onRefreshed(connection);
  };

  return (connection, id, token) => {
    const known = connection.credentials;
    if (known === null || refreshing.has(connection)) {
      refuse(connection, id, "rate_limited", "Another token is being verified. Wait for its answer.");
      return;
    }
    void refresh(connection, id, token, known.userId);
  };
}
