import type { Closer } from "../connections/closer.ts";
import type { Connection } from "../connections/connection.ts";
import type { Refuse } from "../connections/refuse.ts";
import { authenticatedFrame } from "../frames/write-frames.ts";
import type { RequestId } from "@commcoin/protocol";
import type { Credentials, Identity } from "../identity/identity.ts";
import type { TokenFailure, TokenVerifier } from "../identity/token-verifier.ts";

export type AuthenticationOutcome = "accepted" | "refreshed" | "missing" | TokenFailure["kind"];

/** What tokens of connections are verified with. */
export interface TokenContext {
  readonly verifier: Pick<TokenVerifier, "verify">;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Unix milliseconds. */
  readonly wallNow: () => number;
  readonly closer: Pick<Closer, "close">;
  readonly refuse: Refuse;
  readonly onOutcome: (outcome: AuthenticationOutcome) => void;
}

/** What a connection has from now on. */
export const credentialsOf = (
  identity: Identity,
  { now, wallNow }: Pick<TokenContext, "now" | "wallNow">,
): Credentials => ({
  ...identity,
  deadline: identity.expiresAt === null ? Infinity : now() + identity.expiresAt * 1_000 - wallNow(),
});

/** Answers the frame that brought a token. */
export const acknowledgeToken = (
  connection: Connection,
  id: RequestId | undefined,
  { userId, expiresAt }: Identity,
): void => connection.socket.send(authenticatedFrame(id, { user_id: userId, expires_at: expiresAt }));
