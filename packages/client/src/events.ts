import type { DownFrame, ErrorCode, EventFrame, Position, Topic, UpFrame } from "./protocol.ts";
import type { PublicState, State } from "./state.ts";

/** An answer to a request of the application, whose ids are texts; those of the client are numbers. */
export type AnswerFrame = Extract<DownFrame, { readonly type: "history" | "error" }> & {
  readonly id: string;
};

export type TimerName =
  | "connect"
  | "reconnect"
  | "silence"
  | "pong"
  | "token"
  | "refresh"
  /** Answer to, or next attempt of, a topic's subscribe request. */
  | `topic:${Topic}`;

/** What happens to the client. */
export type Event =
  | { readonly type: "connect" }
  | { readonly type: "close" }
  | { readonly type: "online" }
  | { readonly type: "offline" }
  /** The page is looked at again. */
  | { readonly type: "wake" }
  | {
      readonly type: "subscribe";
      readonly topic: Topic;
      readonly since?: Position | undefined;
      readonly last?: number | undefined;
      readonly conflate?: boolean | undefined;
    }
  | { readonly type: "unsubscribe"; readonly topic: Topic }
  | {
      readonly type: "tokenObtained";
      readonly request: number;
      readonly token: string;
      readonly expiresAtMs: number | null;
    }
  | { readonly type: "tokenFailed"; readonly request: number; readonly message: string }
  | { readonly type: "socketOpen"; readonly session: number }
  /** A frame that this client does not know is null: a sign of life. */
  | { readonly type: "frame"; readonly session: number; readonly frame: DownFrame | null }
  | {
      readonly type: "socketClosed";
      readonly session: number;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly type: "timer"; readonly timer: TimerName };
export type EventType = Event["type"];
export type EventOf<Type extends EventType> = Extract<Event, { readonly type: Type }>;

/** Why messages could not be handed out: what the server says, or the code of its refusal. */
export type LostReason = string;

/** What the application is told. */
export type Notice =
  | {
      readonly type: "state";
      readonly state: PublicState;
      /** Why: of `waiting` and `closed`. */
      readonly reason?: string;
      /** Close code, when the server closed the connection. */
      readonly code?: number;
      /** Milliseconds until the next attempt, when `waiting`. */
      readonly delayMs?: number;
    }
  | { readonly type: "message"; readonly message: EventFrame }
  /** The server accepted a subscription. */
  | { readonly type: "subscribed"; readonly topic: Topic; readonly position: Position }
  /** Everything that was missed follows: `replayed` messages. */
  | { readonly type: "recovered"; readonly topic: Topic; readonly replayed: number }
  /** Messages of the topic between two positions will never be handed out. */
  | {
      readonly type: "lost";
      readonly topic: Topic;
      readonly reason: LostReason;
      readonly from: Position;
      readonly to: Position;
    }
  /** The server cannot reach its broker for now; nothing is lost yet. */
  | { readonly type: "degraded"; readonly reason: string }
  | { readonly type: "restored"; readonly reason: string }
  | { readonly type: "answer"; readonly frame: AnswerFrame }
  /** With a topic: the subscription ended. */
  | {
      readonly type: "error";
      readonly code: ErrorCode | "token_unavailable";
      readonly message: string;
      readonly topic?: Topic;
    };

export type NoticeOf<Type extends Notice["type"]> = Extract<Notice, { readonly type: Type }>;

/** What the shell has to do. */
export type Action =
  | { readonly type: "open"; readonly session: number; readonly url: string }
  | { readonly type: "send"; readonly frame: UpFrame }
  /** Closes the socket, if there is one, and cancels all timers. */
  | { readonly type: "endSession" }
  | { readonly type: "setTimer"; readonly timer: TimerName; readonly ms?: number | undefined }
  | { readonly type: "fetchToken"; readonly request: number }
  | { readonly type: "emit"; readonly notice: Notice };

/** What does not change, and what the outside knows at the moment of an event. */
export interface Context {
  readonly url: string;
  /** Empty when there is none. */
  readonly userId: string;
  /** There is a callback for tokens. */
  readonly usesToken: boolean;
  /** Milliseconds that only grow. */
  readonly monotonicMs: number;
  /** Unix milliseconds. */
  readonly wallMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export interface Outcome {
  readonly state: State;
  readonly actions: readonly Action[];
}

/** What is no action is left out: `isLost && emit(…)`. */
export const outcome = (
  state: State,
  ...actions: readonly (Action | false | 0 | "" | null | undefined)[]
): Outcome => ({ state, actions: actions.filter((action) => !!action) });

/** Steps that follow each other, each from the state that the one before left, and their actions in that order. */
export const chain = (first: Outcome, ...steps: readonly ((state: State) => Outcome)[]): Outcome =>
  steps.reduce((before, step) => {
    const { state, actions } = step(before.state);
    return outcome(state, ...before.actions, ...actions);
  }, first);

export const emit = (notice: Notice): Action => ({ type: "emit", notice });

export const emitState = (state: PublicState, details?: Omit<NoticeOf<"state">, "type" | "state">): Action =>
  emit({ type: "state", state, ...details });

export const send = (frame: UpFrame): Action => ({ type: "send", frame });

/** Replaces a timer of the same name; without a time, there is none. */
export const setTimer = (timer: TimerName, ms?: number): Action => ({ type: "setTimer", timer, ms });
