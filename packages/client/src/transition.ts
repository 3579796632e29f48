import { begin, finish, leave, onClosed, retry } from "./connection.ts";
import {
  emit,
  outcome,
  andThen,
  type Context,
  type EventOf,
  type EventType,
  type Outcome,
} from "./events.ts";
import { onConnectedFrame, onFirstFrame } from "./frames.ts";
import type { Phase, State } from "./state.ts";
import { onSubscribe, onTopicTimer, onUnsubscribe } from "./topics.ts";
import {
  onTokenFailedForConnection,
  onTokenFailedForRefresh,
  onTokenForConnection,
  onTokenForRefresh,
  refresh,
  TOKEN_TIMED_OUT,
} from "./tokens.ts";

type Handler<Type extends EventType> = (state: State, event: EventOf<Type>, context: Context) => Outcome;
type Row = { readonly [Type in EventType]: Handler<Type> };

/** The server must answer a ping within this, with whatever frame. */
const PONG_TIMEOUT_MS = 10_000;

const ignore = (state: State): Outcome => outcome(state);

const start: Handler<"connect"> = (state, _event, context) => begin(state, context);
const end: Handler<"close"> = (state) => finish(state, { reason: "closed by the application" });
const goOnline: Handler<"online"> = (state) => outcome({ ...state, online: true });
const goOffline: Handler<"offline"> = (state) => outcome({ ...state, online: false });
const loseNetwork: Handler<"offline"> = (state) =>
  andThen(leave(state), (state) =>
    outcome(
      { ...state, online: false, phase: "offline", attempt: 0 },
      emit({ type: "state", state: "offline" }),
    ),
  );
const whileConnected: Pick<Row, "subscribe" | "unsubscribe"> = {
  subscribe: onSubscribe,
  unsubscribe: onUnsubscribe,
};

const onSocketOpen: Handler<"socketOpen"> = (state, { session }) =>
  outcome(session === state.session ? { ...state, opened: true } : state);

const onAuthorizingTimer: Handler<"timer"> = (state, { timer }, context) =>
  timer === "token" && state.tokenRequest !== null
    ? onTokenFailedForConnection(state, { request: state.tokenRequest, message: TOKEN_TIMED_OUT }, context)
    : outcome(state);

const onConnectingTimer: Handler<"timer"> = (state, { timer }, context) =>
  timer === "connect"
    ? retry(state, context, { reason: "the server did not answer in time" })
    : outcome(state);

const onWaitingTimer: Handler<"timer"> = (state, { timer }, context) =>
  timer === "reconnect" ? begin(state, context) : outcome(state);

const onConnectedTimer: Handler<"timer"> = (state, { timer }, context) => {
  switch (timer) {
    case "silence":
      return onSilence(state, context);
    case "pong":
      return retry(state, context, { reason: "the server fell silent" });
    case "token":
      return state.tokenRequest === null
        ? outcome(state)
        : onTokenFailedForRefresh(state, { request: state.tokenRequest, message: TOKEN_TIMED_OUT }, context);
    case "refresh":
      return refresh(state);
    case "connect":
    case "reconnect":
      return outcome(state);
    default:
      return onTopicTimer(state, timer.slice("topic:".length));
  }
};

/** The timer is not moved with every frame: when it fires, it looks how long the silence really is. */
function onSilence(state: State, { monotonicMs }: Context): Outcome {
  const left = state.lastFrameAtMs + state.silenceMs - monotonicMs;
  if (left > 0) return outcome(state, { type: "startTimer", timer: "silence", ms: left });
  return outcome(
    { ...state, nextId: state.nextId + 1 },
    { type: "send", frame: { type: "ping", id: state.nextId, data: {} } },
    { type: "startTimer", timer: "pong", ms: PONG_TIMEOUT_MS },
    { type: "startTimer", timer: "silence", ms: state.silenceMs },
  );
}

const withoutConnection = {
  ...whileConnected,
  tokenObtained: ignore,
  tokenFailed: ignore,
  socketOpen: ignore,
  frame: ignore,
  socketClosed: ignore,
} as const;

/** Every event in every phase. A missing cell does not compile. */
export const TRANSITIONS: { readonly [P in Phase]: Row } = {
  idle: {
    ...withoutConnection,
    connect: start,
    close: end,
    online: goOnline,
    offline: goOffline,
    timer: ignore,
  },
  authorizing: {
    ...withoutConnection,
    connect: ignore,
    close: end,
    online: goOnline,
    offline: loseNetwork,
    tokenObtained: onTokenForConnection,
    tokenFailed: onTokenFailedForConnection,
    timer: onAuthorizingTimer,
  },
  connecting: {
    ...whileConnected,
    connect: ignore,
    close: end,
    online: goOnline,
    offline: loseNetwork,
    tokenObtained: ignore,
    tokenFailed: ignore,
    socketOpen: onSocketOpen,
    frame: onFirstFrame,
    socketClosed: onClosed,
    timer: onConnectingTimer,
  },
  connected: {
    ...whileConnected,
    connect: ignore,
    close: end,
    online: goOnline,
    offline: loseNetwork,
    tokenObtained: onTokenForRefresh,
    tokenFailed: onTokenFailedForRefresh,
    socketOpen: ignore,
    frame: onConnectedFrame,
    socketClosed: onClosed,
    timer: onConnectedTimer,
  },
  waiting: {
    ...withoutConnection,
    connect: (state, _event, context) =>
      andThen(outcome(state, { type: "cancelTimer", timer: "reconnect" }), (state) => begin(state, context)),
    close: end,
    online: goOnline,
    offline: loseNetwork,
    timer: onWaitingTimer,
  },
  offline: {
    ...withoutConnection,
    connect: ignore,
    close: end,
    online: (state, _event, context) => begin({ ...state, online: true }, context),
    offline: ignore,
    timer: ignore,
  },
  closed: {
    ...withoutConnection,
    connect: start,
    close: ignore,
    online: goOnline,
    offline: goOffline,
    timer: ignore,
  },
};

/** The client as a function: what it becomes and what is to be done after an event. */
export function transition<Type extends EventType>(
  state: State,
  event: EventOf<Type>,
  context: Context,
): Outcome {
  const row: { readonly [T in EventType]: Handler<T> } = TRANSITIONS[state.phase];
  const handle: Handler<Type> = row[event.type];
  return handle(state, event, context);
}
