import { backoff } from "./backoff.ts";
import { INVALID_TOKEN, shouldReconnect, suggestedDelay, TOKEN_EXPIRED } from "./close-rule.ts";
import { connectUrl } from "./connect-url.ts";
import { emit, outcome, andThen, type Action, type Context, type EventOf, type Outcome } from "./events.ts";
import type { State } from "./state.ts";
import { leaveTopics } from "./topics.ts";

/** From opening the socket to the server's first frame. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The callback for tokens must answer within this. */
const TOKEN_TIMEOUT_MS = 10_000;

/** A connection that lasted this long was a success: the next failure is a first one again. */
const LASTING_MS = 5_000;

/** When this many attempts in a row did not even open, the token may be the reason, and a new one is asked for. */
const FAILED_OPENS_PER_TOKEN = 3;

export const requestToken = (state: State): Outcome =>
  outcome(
    { ...state, tokenRequest: state.nextId, nextId: state.nextId + 1 },
    { type: "fetchToken", request: state.nextId },
    { type: "startTimer", timer: "token", ms: TOKEN_TIMEOUT_MS },
  );

/** Starts an attempt: with a new token first, if there is none that may still be good. */
export function begin(state: State, context: Context): Outcome {
  if (!state.online)
    return outcome({ ...state, phase: "offline" }, emit({ type: "state", state: "offline" }));
  const connecting: Action[] =
    state.phase === "authorizing" ? [] : [emit({ type: "state", state: "connecting" })];
  const expired = state.tokenExpiresAtMs !== null && state.tokenExpiresAtMs <= context.wallMs;
  if (context.usesToken && (state.token === null || expired)) {
    return andThen(outcome({ ...state, phase: "authorizing" }, ...connecting), requestToken);
  }
  const session = state.session + 1;
  const { url, asked } = connectUrl(context.url, context.userId, state);
  return outcome(
    { ...state, phase: "connecting", session, asked, opened: false },
    ...connecting,
    { type: "open", session, url },
    { type: "startTimer", timer: "connect", ms: CONNECT_TIMEOUT_MS },
  );
}

/** Ends the session and everything that belongs to it: timers, requests, what the socket may still report. */
export function leave(state: State): Outcome {
  const hasSocket = state.phase === "connecting" || state.phase === "connected";
  return outcome(
    {
      ...leaveTopics(state),
      session: state.session + 1,
      opened: false,
      tokenRequest: null,
      authRequest: null,
    },
    { type: "cancelTimers" },
    ...(hasSocket ? [{ type: "closeSocket" } as const] : []),
  );
}

interface Ending {
  readonly reason: string;
  readonly code?: number;
}

/** The end, until the application connects again. */
export const finish = (state: State, ending: Ending): Outcome =>
  andThen(leave(state), (state) =>
    outcome({ ...state, phase: "closed", attempt: 0 }, emit({ type: "state", state: "closed", ...ending })),
  );

/** Leaves, and comes back after a delay. */
export function retry(
  state: State,
  context: Context,
  ending: Ending,
  suggestedMs: number | null = null,
): Outcome {
  const lasted = state.phase === "connected" && context.monotonicMs - state.connectedAtMs >= LASTING_MS;
  const attempt = lasted ? 0 : state.attempt;
  const delayMs = suggestedMs ?? backoff(attempt, context.random);
  return andThen(leave(state), (state) =>
    outcome(
      { ...state, phase: "waiting", attempt: attempt + 1 },
      { type: "startTimer", timer: "reconnect", ms: delayMs },
      emit({ type: "state", state: "waiting", delayMs, ...ending }),
    ),
  );
}

/** What the close code, the back-off and the token say about coming back. */
export function onClosed(state: State, event: EventOf<"socketClosed">, context: Context): Outcome {
  if (event.session !== state.session) return outcome(state);
  const { code, reason } = event;
  const ending = { reason: reason === "" ? "connection lost" : reason, code };
  if (code === TOKEN_EXPIRED || code === INVALID_TOKEN || event.unauthorized === true) {
    if (!context.usesToken) return finish(state, { reason: "unauthorized", code });
    return retry(withoutToken(state), context, ending);
  }
  if (!shouldReconnect(code)) return finish(state, ending);
  return retry(state.opened ? state : onFailedOpen(state, context), context, ending, suggestedDelay(reason));
}

const withoutToken = (state: State): State => ({ ...state, token: null, refusedToken: state.token });

/** An expired token is to blame; another may be. */
function onFailedOpen(state: State, { wallMs }: Context): State {
  const failed = { ...state, failedOpens: state.failedOpens + 1 };
  if (state.tokenExpiresAtMs !== null && state.tokenExpiresAtMs <= wallMs) return withoutToken(failed);
  return failed.failedOpens % FAILED_OPENS_PER_TOKEN === 0 ? { ...failed, token: null } : failed;
}
