import type { DownFrame, ServerFrame } from "./protocol.ts";
import {
  chain,
  setTimer,
  emit,
  emitState,
  outcome,
  type AnswerFrame,
  type Context,
  type EventOf,
  type Outcome,
} from "./events.ts";
import { isEvent } from "./frame.ts";
import { count, type State } from "./state.ts";
import { SILENCE_GRACE_MS } from "./times.ts";
import { onAuthenticated, onAuthRefused, planRefresh } from "./tokens.ts";
import { joinListed, onMessage, onRefused, onReset, onSubscribed } from "./topics.ts";

type ConnectedFrame = Extract<DownFrame, { type: "connected" }>;

/** Nothing but errors counts before `connected`: only then is it known where the topics stand. */
export function onFirstFrame(state: State, { frame }: EventOf<"frame">, context: Context): Outcome {
  if (frame?.type === "connected") return onConnected(state, frame, context);
  return frame?.type === "error" ? onFrame(state, frame, context) : outcome(state);
}

function onConnected(state: State, { data }: ConnectedFrame, context: Context): Outcome {
  const silenceMs = data.heartbeat_interval * 1_000 + SILENCE_GRACE_MS;
  const now = context.monotonicMs;
  const connected = outcome(
    {
      ...count(state, "connections"),
      connection: data,
      phase: "connected",
      connectedAtMs: now,
      lastFrameAtMs: now,
      silenceMs,
    },
    setTimer("connect"),
    setTimer("silence", silenceMs),
    emitState("connected"),
  );
  return chain(
    connected,
    (state) => planRefresh(state, context),
    (state) => joinListed(state, data.subscriptions, context),
  );
}

export function onConnectedFrame(state: State, { frame }: EventOf<"frame">, context: Context): Outcome {
  const wasSilent = context.monotonicMs - state.lastFrameAtMs >= state.silenceMs;
  const alive = { ...state, lastFrameAtMs: context.monotonicMs };
  // After a silence a ping was sent, and any frame is the answer as good as another.
  const handled = frame ? onFrame(alive, frame, context) : outcome(alive);
  return wasSilent ? outcome(handled.state, setTimer("pong"), ...handled.actions) : handled;
}

const isAnswer = (frame: ServerFrame): frame is AnswerFrame => typeof (frame as AnswerFrame).id === "string";

function onFrame(state: State, frame: DownFrame, context: Context): Outcome {
  if (isEvent(frame)) return onMessage(state, frame, context);
  if (isAnswer(frame)) return outcome(state, emit({ type: "answer", frame }));
  switch (frame.type) {
    case "subscribed":
      return onSubscribed(state, frame.id, frame.data, context);
    case "reset":
      return onReset(state, frame.data);
    case "authenticated":
      return onAuthenticated(state, frame.data.expires_at, context);
    case "error":
      return (
        onAuthRefused(state, frame.id, frame.data, context) ??
        onRefused(state, frame.id, frame.data, context) ??
        // With an id, it answers a request that was given up since.
        (frame.id === undefined ? outcome(state, emit({ type: "error", ...frame.data })) : outcome(state))
      );
    case "pong":
      return outcome(state, setTimer("pong"));
    case "degraded":
    case "restored":
      return outcome(state, emit({ type: frame.type, reason: frame.data.reason }));
    default:
      // Answers that need nothing done.
      return outcome(state);
  }
}
