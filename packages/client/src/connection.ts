import { backoff } from "./backoff.ts";
import { INVALID_TOKEN, shouldReconnect, suggestedDelay, TOKEN_EXPIRED } from "./close-rule.ts";
import { connectUrl, isTokenForFrame } from "./connect-url.ts";
import {
  emitState,
  outcome,
  send,
  setTimer,
  type Action,
  type Context,
  type EventOf,
  type Outcome,
} from "./events.ts";
import type { State } from "./state.ts";
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, LASTING_MS } from "./times.ts";
import { leaveTopics } from "./topics.ts";

export const requestToken = (state: State, ...actions: readonly Action[]): Outcome =>
  outcome(
    { ...state, tokenRequest: state.nextId, nextId: state.nextId + 1 },
    ...actions,
    { type: "fetchToken", request: state.nextId },
    setTimer("token", ANSWER_TIMEOUT_MS),
  );

/** Starts an attempt: with a new token first, if there is none that may still be good. */
export function begin(state: State, context: Context): Outcome {
  if (!state.online) return outcome({ ...state, phase: "offline" }, emitState("offline"));
  const connecting = emitState("connecting");
  return context.usesToken && (!state.token || (state.tokenExpiresAtMs ?? Infinity) <= context.wallMs)
    ? requestToken({ ...state, phase: "authorizing" }, connecting)
    : open(state, context, connecting);
}

/** Opens the socket with what is known by now. */
export function open(state: State, context: Context, ...actions: readonly Action[]): Outcome {
  const session = state.session + 1;
  const { url, asked } = connectUrl(context.url, context.userId, state);
  return outcome(
    { ...state, phase: "connecting", session, asked, opened: false },
    ...actions,
    { type: "open", session, url },
    setTimer("connect", CONNECT_TIMEOUT_MS),
  );
}

/** A token that is not in the URL has to be the first frame. It has no id: an answer changes nothing but its expiry. */
export const onOpen = (state: State, _event: EventOf<"socketOpen">, { url, userId }: Context): Outcome =>
  outcome(
    { ...state, opened: true },
    state.token &&
      isTokenForFrame(url, userId, state.token) &&
      send({ type: "auth", data: { token: state.token } }),
  );

/** Ends the session and everything that belongs to it: timers, requests, what the socket may still report. */
export const leave = (state: State, changes: Partial<State>, ...actions: readonly Action[]): Outcome =>
  outcome(
    {
      ...leaveTopics(state),
      session: state.session + 1,
      connection: null,
      tokenRequest: null,
      authRequest: null,
      ...changes,
    },
    { type: "endSession" },
    ...actions,
  );

interface Ending {
  readonly reason: string;
  readonly code?: number;
}

/** The end, until the application connects again. */
export const finish = (state: State, ending: Ending): Outcome =>
  leave(state, { phase: "closed", attempt: 0 }, emitState("closed", ending));

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
  return leave(
    state,
    { phase: "waiting", attempt: attempt + 1 },
    setTimer("reconnect", delayMs),
    emitState("waiting", { delayMs, ...ending }),
  );
}

/** What the close code, the back-off and the token say about coming back. */
export function onClosed(state: State, event: EventOf<"socketClosed">, context: Context): Outcome {
  const { code, reason } = event;
  const ending = { reason: reason || "connection lost", code };
  if (code === TOKEN_EXPIRED || code === INVALID_TOKEN) {
    return context.usesToken
      ? retry({ ...state, token: null, refusedToken: state.token }, context, ending)
      : finish(state, { code, reason: "unauthorized" });
  }
  return shouldReconnect(code)
    ? retry(state, context, ending, suggestedDelay(reason))
    : finish(state, ending);
}
