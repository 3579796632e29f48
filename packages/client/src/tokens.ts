import type { ErrorCode, RequestId } from "./protocol.ts";
import { finish, open, requestToken, retry } from "./connection.ts";
import {
  chain,
  setTimer,
  emit,
  outcome,
  send,
  type Action,
  type Context,
  type EventOf,
  type Outcome,
} from "./events.ts";
import type { State } from "./state.ts";
import {
  ANSWER_TIMEOUT_MS,
  REFRESH_LEAD_MS,
  REFRESH_MAX_MS,
  REFRESH_MIN_MS,
  REFRESH_RETRY_MS,
} from "./times.ts";

export const TOKEN_TIMED_OUT = "getToken timed out";

/** Plans the refresh of a token whose expiry is known. */
export function planRefresh(state: State, { wallMs, usesToken }: Context): Outcome {
  if (!usesToken || state.tokenExpiresAtMs === null) return outcome(state, setTimer("refresh"));
  const left = state.tokenExpiresAtMs - wallMs;
  const wish = left - Math.min(REFRESH_LEAD_MS, left / 4);
  return outcome(state, setTimer("refresh", Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, wish))));
}

const refreshLater = (state: State, { random }: Context, ...actions: readonly Action[]): Outcome =>
  outcome(
    { ...state, tokenRequest: null, authRequest: null },
    setTimer("token"),
    setTimer("refresh", REFRESH_RETRY_MS * (1 + random)),
    ...actions,
  );

/** Whether there is any point in showing the server this token. */
const isUseless = (token: string, { refusedToken }: State): boolean => token === "" || token === refusedToken;

/** A token for the next connection. None, or the one that was refused, ends the client: asking again changes nothing. */
export function onTokenForConnection(
  state: State,
  { token, expiresAtMs }: EventOf<"tokenObtained">,
  context: Context,
): Outcome {
  if (isUseless(token, state)) return finish(state, { reason: "unauthorized" });
  // Whether it is good is for the server to say, even when it looks expired here: it is the server's clock that counts.
  const fresh = { ...state, token, tokenRequest: null, refusedToken: null, tokenExpiresAtMs: expiresAtMs };
  return open(fresh, context, setTimer("token"));
}

/** A token for the connection that stands: sent in band, nothing is interrupted. */
export function onTokenForRefresh(
  state: State,
  { token }: EventOf<"tokenObtained">,
  context: Context,
): Outcome {
  if (isUseless(token, state)) return refreshLater(state, context);
  const id = state.nextId;
  return outcome(
    { ...state, tokenRequest: null, authRequest: { id, token }, nextId: id + 1 },
    setTimer("token"),
    send({ type: "auth", id, data: { token } }),
    setTimer("refresh", ANSWER_TIMEOUT_MS),
  );
}

const unavailable = (message: string): Action => emit({ type: "error", code: "token_unavailable", message });

export const onTokenFailedForConnection = (
  state: State,
  { message }: { readonly message: string },
  context: Context,
): Outcome =>
  chain(outcome(state, unavailable(message)), (state) =>
    retry(state, context, { reason: "token_unavailable" }),
  );

/** The connection stays: the old token may be good for a while, and the server knows until when. */
export const onTokenFailedForRefresh = (
  state: State,
  { message }: { readonly message: string },
  context: Context,
): Outcome => refreshLater(state, context, unavailable(message));

/** Time to refresh; also when an `auth` request got no answer. */
export const refresh = (state: State): Outcome => requestToken({ ...state, authRequest: null });

/** The server accepted a token and says until when. */
export const onAuthenticated = (state: State, expiresAt: number | null, context: Context): Outcome =>
  planRefresh(
    {
      ...state,
      token: state.authRequest?.token ?? state.token,
      authRequest: null,
      refusedToken: null,
      tokenExpiresAtMs: expiresAt === null ? null : expiresAt * 1_000,
    },
    context,
  );

/**
 * The server refused the token of a refresh, or could not look at it (`internal`, `rate_limited`): the same one may be
 * shown again then. @returns null when the error answers something else.
 */
export function onAuthRefused(
  state: State,
  id: RequestId | undefined,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
  context: Context,
): Outcome | null {
  const request = state.authRequest;
  if (!request || request.id !== id) return null;
  const refusedToken = code === "internal" || code === "rate_limited" ? state.refusedToken : request.token;
  return refreshLater({ ...state, refusedToken }, context, unavailable(message));
}
