import type { DownFrame, EventFrame, SubscriptionState, UpFrame } from "@commcoin/protocol";
import type { Action, Context, Event, EventOf, EventType, Notice, NoticeOf } from "../events.ts";
import { initialState, type State } from "../state.ts";
import { transition } from "../transition.ts";

const still: Context = {
  url: "ws://gateway/ws",
  userId: "",
  usesToken: false,
  monotonicMs: 0,
  wallMs: 1_700_000_000_000,
  random: 0.5,
};

/** Runs the state machine step by step and keeps what it wanted done. */
export interface Machine {
  state: State;
  context: Context;
  readonly actions: Action[];
  /** @returns the actions of this step. */
  step(event: Event): readonly Action[];
  /** The server says something on the current socket. */
  receive(frame: DownFrame): readonly Action[];
  serverCloses(code: number, reason?: string): readonly Action[];
  /** Connects up to and including the server's first frame. */
  connected(subscriptions?: readonly SubscriptionState[]): readonly Action[];
  pass(ms: number): void;
}

export function createMachine(context: Partial<Context> = {}, state: State = initialState): Machine {
  const machine: Machine = {
    state,
    context: { ...still, ...context },
    actions: [],
    step(event) {
      const { state, actions } = transition(machine.state, event as EventOf<EventType>, machine.context);
      machine.state = state;
      machine.actions.push(...actions);
      return actions;
    },
    receive: (frame) => machine.step({ type: "frame", session: machine.state.session, frame }),
    serverCloses: (code, reason = "") =>
      machine.step({ type: "socketClosed", session: machine.state.session, code, reason }),
    connected(subscriptions = []) {
      if (machine.state.phase === "waiting") machine.step({ type: "timer", timer: "reconnect" });
      else machine.step({ type: "connect" });
      machine.step({ type: "socketOpen", session: machine.state.session });
      return machine.receive(connectedFrame(subscriptions));
    },
    pass(ms) {
      const { monotonicMs, wallMs } = machine.context;
      machine.context = { ...machine.context, monotonicMs: monotonicMs + ms, wallMs: wallMs + ms };
    },
  };
  return machine;
}

export const connectedFrame = (subscriptions: readonly SubscriptionState[]): DownFrame => ({
  type: "connected",
  data: {
    connection_id: "c1",
    server_id: "server-1",
    user_id: null,
    heartbeat_interval: 30,
    subscriptions: [...subscriptions],
    protocol: 1,
  },
});

/** A message of which only the place matters. */
export const event = (topic: string, offset: number, id = `${topic}:${offset}`): EventFrame => ({
  type: "UserActivity",
  topic,
  offset,
  id,
  ts: 1,
  data: { user_id: "u", activity_type: "trade", data: null },
});

export const noticesOf = <Type extends Notice["type"]>(
  actions: readonly Action[],
  type: Type,
): readonly NoticeOf<Type>[] =>
  actions.flatMap((action) =>
    action.type === "emit" && action.notice.type === type ? [action.notice as NoticeOf<Type>] : [],
  );

export const sent = (actions: readonly Action[]): readonly UpFrame[] =>
  actions.flatMap((action) => (action.type === "send" ? [action.frame] : []));

export const openedUrl = (actions: readonly Action[]): string | undefined =>
  actions.flatMap((action) => (action.type === "open" ? [action.url] : [])).at(-1);

export const timerMs = (actions: readonly Action[], timer: string): number | undefined =>
  actions
    .flatMap((action) => (action.type === "setTimer" && action.timer === timer ? [action.ms] : []))
    .at(-1);

/** The offsets that were handed out, in order. */
export const offsets = (actions: readonly Action[]): readonly number[] =>
  noticesOf(actions, "message").map(({ message }) => message.offset);
