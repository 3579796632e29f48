import { begin, finish, leave, onClosed, onOpen, retry } from "./connection.ts";
import {
  emitState,
  outcome,
  send,
  setTimer,
  type Context,
  type EventOf,
  type EventType,
  type Outcome,
} from "./events.ts";
import { onConnectedFrame, onFirstFrame } from "./frames.ts";
import type { Phase, State } from "./state.ts";
import { ANSWER_TIMEOUT_MS, PROOF_TIMEOUT_MS } from "./times.ts";
import { onSubscribe, onTopicTimer, onUnsubscribe } from "./topics.ts";
import {
  onTokenFailedForConnection,
  onTokenFailedForRefresh,
  onTokenForConnection,
  onTokenForRefresh,
  refresh,
  TOKEN_TIMED_OUT,
} from "./tokens.ts";

type Handle<Of> = (state: State, event: Of, context: Context) => Outcome;
type Handler<Type extends EventType> = Handle<EventOf<Type>>;
/** What a row leaves out changes nothing. */
type Row = { readonly [Type in EventType]?: Handler<Type> };

const ignore = (state: State): Outcome => outcome(state);

/** Of an earlier socket, or the answer to an earlier request for a token: a refresh ends with its session. */
const isLate = (
  event: { readonly type: EventType; readonly session?: number; readonly request?: number },
  { session, tokenRequest }: State,
): boolean => (event.session ?? session) !== session || (event.request ?? tokenRequest) !== tokenRequest;

const start: Handle<unknown> = (state, _event, context) => begin(state, context);

const loseNetwork: Handler<"offline"> = (state) =>
  leave(state, { online: false, phase: "offline", attempt: 0 }, emitState("offline"));

const onConnectedTimer: Handler<"timer"> = (state, { timer }, context) => {
  switch (timer) {
    case "silence":
      return onSilence(state, context);
    case "pong":
      return retry(state, context, { reason: "silence" });
    case "token":
      return onTokenFailedForRefresh(state, { message: TOKEN_TIMED_OUT }, context);
    case "refresh":
      return refresh(state);
    default:
      return onTopicTimer(state, timer.slice("topic:".length));
  }
};

const ping = send({ type: "ping", data: {} });

/** The timer is not moved with every frame: when it fires, it looks how long the silence really is. */
function onSilence(state: State, { monotonicMs }: Context): Outcome {
  const left = state.lastFrameAtMs + state.silenceMs - monotonicMs;
  if (left > 0) return outcome(state, setTimer("silence", left));
  return outcome(state, ping, setTimer("pong", ANSWER_TIMEOUT_MS), setTimer("silence", state.silenceMs));
}

/** Only an answer is a proof: frames of before may have waited for the page to come back. */
const prove: Handler<"wake"> = (state) => outcome(state, ping, setTimer("pong", PROOF_TIMEOUT_MS));

/** What happens wherever nothing else is said. */
const anywhere: Row = {
  close: (state) => finish(state, { reason: "closed" }),
  online: (state) => outcome({ ...state, online: true }),
  offline: loseNetwork,
  subscribe: onSubscribe,
  unsubscribe: onUnsubscribe,
};

const atRest: Row = {
  ...anywhere,
  connect: start,
  offline: (state) => outcome({ ...state, online: false }),
};

const TRANSITIONS: Readonly<Record<Phase, Row>> = {
  idle: atRest,
  authorizing: {
    ...anywhere,
    tokenObtained: onTokenForConnection,
    tokenFailed: onTokenFailedForConnection,
    timer: (state, { timer }, context) =>
      timer === "token"
        ? onTokenFailedForConnection(state, { message: TOKEN_TIMED_OUT }, context)
        : outcome(state),
  },
  connecting: {
    ...anywhere,
    socketOpen: onOpen,
    frame: onFirstFrame,
    socketClosed: onClosed,
    timer: (state, { timer }, context) =>
      timer === "connect" ? retry(state, context, { reason: "no answer" }) : outcome(state),
  },
  connected: {
    ...anywhere,
    wake: prove,
    tokenObtained: onTokenForRefresh,
    tokenFailed: onTokenFailedForRefresh,
    frame: onConnectedFrame,
    socketClosed: onClosed,
    timer: onConnectedTimer,
  },
  waiting: {
    ...anywhere,
    connect: start,
    wake: start,
    timer: (state, { timer }, context) => (timer === "reconnect" ? begin(state, context) : outcome(state)),
  },
  offline: {
    ...anywhere,
    offline: ignore,
    online: (state, _event, context) => begin({ ...state, online: true }, context),
  },
  closed: { ...atRest, close: ignore },
};

/** The client as a function: what it becomes, and what is to be done, after an event. */
export function transition<Type extends EventType>(
  state: State,
  event: EventOf<Type>,
  context: Context,
): Outcome {
  const row: { readonly [T in EventType]?: Handler<T> } = TRANSITIONS[state.phase];
  const handle: Handler<Type> | undefined = isLate(event, state) ? undefined : row[event.type];
  return handle ? handle(state, event, context) : outcome(state);
}
