import { begin, finish, requestToken, retry } from "./connection.ts";
import { emit, outcome, andThen, type Context, type EventOf, type Outcome } from "./events.ts";
import type { State } from "./state.ts";

/** A token is renewed this long before it expires, or at three quarters of what is left of a short one. */
const REFRESH_LEAD_MS = 30_000;
/** A clock that is wrong must not make a loop. */
const REFRESH_MIN_MS = 5_000;
/** Timers cannot be longer than 2^31 - 1 ms; once a day is often enough. */
const REFRESH_MAX_MS = 86_400_000;
/** A refresh that failed is tried again after this, plus as much again at random. */
const REFRESH_RETRY_MS = 5_000;
/** An `auth` request without an answer is repeated after this, with a new token. */
const REPLY_TIMEOUT_MS = 10_000;

/** Plans the refresh of a token whose expiry is known. */
export function planRefresh(state: State, { wallMs, usesToken }: Context): Outcome {
  if (!usesToken || state.tokenExpiresAtMs === null) return outcome(state);
  const left = state.tokenExpiresAtMs - wallMs;
  const wish = left - Math.min(REFRESH_LEAD_MS, left / 4);
  const ms = Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, wish));
  return outcome(state, { type: "startTimer", timer: "refresh", ms });
}

const refreshLater = (state: State, { random }: Context): Outcome =>
  outcome(state, { type: "startTimer", timer: "refresh", ms: REFRESH_RETRY_MS * (1 + random) });

/** A token for the next connection. None, or the one that was refused, ends the client: asking again changes nothing. */
export function onTokenForConnection(
  state: State,
  event: EventOf<"tokenObtained">,
  context: Context,
): Outcome {
  if (event.request !== state.tokenRequest) return outcome(state);
  const { token, expiresAtMs } = event;
  if (token === "" || token === state.refusedToken) return finish(state, { reason: "unauthorized" });
  const fresh = { ...state, token, tokenRequest: null, refusedToken: null, tokenExpiresAtMs: null };
  return andThen(outcome(fresh, { type: "cancelTimer", timer: "token" }), (state) =>
    // Whether it really is expired is for the server to say, whose clock counts.
    andThen(begin(state, context), (state) => outcome({ ...state, tokenExpiresAtMs: expiresAtMs })),
  );
}

/** A token for the connection that stands: sent in band, nothing is interrupted. */
export function onTokenForRefresh(state: State, event: EventOf<"tokenObtained">, context: Context): Outcome {
  if (event.request !== state.tokenRequest) return outcome(state);
  const { token, expiresAtMs } = event;
  const answered = { ...state, tokenRequest: null };
  if (token === "" || token === state.refusedToken) {
    return andThen(outcome(answered, { type: "cancelTimer", timer: "token" }), (state) =>
      refreshLater(state, context),
    );
  }
  return outcome(
    {
      ...answered,
      token,
      tokenExpiresAtMs: expiresAtMs,
      authRequest: state.nextId,
      nextId: state.nextId + 1,
    },
    { type: "cancelTimer", timer: "token" },
    { type: "send", frame: { type: "auth", id: state.nextId, data: { token } } },
    { type: "startTimer", timer: "refresh", ms: REPLY_TIMEOUT_MS },
  );
}

const unavailable = (message: string) => emit({ type: "error", code: "token_unavailable", message });

export function onTokenFailedForConnection(
  state: State,
  event: Pick<EventOf<"tokenFailed">, "request" | "message">,
  context: Context,
): Outcome {
  if (event.request !== state.tokenRequest) return outcome(state);
  return andThen(outcome(state, unavailable(event.message)), (state) =>
    retry(state, context, { reason: "token unavailable" }),
  );
}

/** The connection stays: the old token may be good for a while, and the server knows until when. */
export function onTokenFailedForRefresh(
  state: State,
  event: Pick<EventOf<"tokenFailed">, "request" | "message">,
  context: Context,
): Outcome {
  if (event.request !== state.tokenRequest) return outcome(state);
  return andThen(
    outcome(
      { ...state, tokenRequest: null },
      { type: "cancelTimer", timer: "token" },
      unavailable(event.message),
    ),
    (state) => refreshLater(state, context),
  );
}

export const TOKEN_TIMED_OUT = "The callback for tokens did not answer in time.";

/** Time to refresh; also when an `auth` request got no answer. */
export const refresh = (state: State): Outcome => requestToken({ ...state, authRequest: null });

/** The server accepted a token and says until when. */
export function onAuthenticated(state: State, expiresAt: number | null, context: Context): Outcome {
  const accepted = {
    ...state,
    authRequest: null,
    refusedToken: null,
    tokenExpiresAtMs: expiresAt === null ? null : expiresAt * 1_000,
  };
  return andThen(outcome(accepted, { type: "cancelTimer", timer: "refresh" }), (state) =>
    planRefresh(state, context),
  );
}

/** The server refused the token of a refresh. @returns null when the error answers something else. */
export function onAuthRefused(
  state: State,
  id: string | number | undefined,
  message: string,
  context: Context,
): Outcome | null {
  if (state.authRequest === null || state.authRequest !== id) return null;
  const refused = { ...state, authRequest: null, refusedToken: state.token };
  return andThen(outcome(refused, unavailable(message)), (state) => refreshLater(state, context));
}
