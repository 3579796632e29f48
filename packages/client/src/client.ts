import type { Position, Topic } from "@commcoin/protocol";
import { isPosition, isTopic } from "./connect-url.ts";
import type { Action, Context, Event, EventOf, EventType, Notice, PublicState, TimerName } from "./events.ts";
import { readFrame } from "./frame.ts";
import { callSafely } from "./listeners.ts";
import { watchNetwork } from "./network.ts";
import { openSocket, type Socket, type WebSocketConstructor } from "./socket.ts";
import { initialState, type Counts } from "./state.ts";
import { createSubscriptions, type MessageHandler, type Subscription } from "./subscriptions.ts";
import { createTimers } from "./timers.ts";
import { tokenExpiry } from "./token-expiry.ts";
import { transition } from "./transition.ts";

export interface ClientOptions {
  /** The gateway's WebSocket endpoint, such as `wss://example.org/ws`. */
  readonly url: string;
  /** Who this is, to a gateway that believes it. */
  readonly userId?: string;
  /**
   * Gives a token: before the first connection, before the last one expires, and after the server refused one. An empty
   * one, or the refused one again, ends the client as `unauthorized`; a rejection is tried again later.
   */
  readonly getToken?: () => Promise<string>;
  /** Where there is no global `WebSocket` (Node 20): that of the `ws` package. */
  readonly WebSocket?: WebSocketConstructor;
}

export interface SubscribeOptions {
  /** Begin after this position: one that `positions()` gave before. */
  readonly since?: Position;
  /** Begin with the newest n messages, at most 100. */
  readonly last?: number;
}

export type NoticeType = Exclude<Notice["type"], "subscribed">;
export type NoticeOf<Type extends NoticeType> = Extract<Notice, { readonly type: Type }>;

/**
 * A connection to a gateway that is kept up. Per topic, every message is handed out once and in order, through
 * reconnects too; where the server cannot replay what was missed, a `lost` event says so.
 */
export interface Client {
  readonly state: PublicState;
  /** Connects, and again whenever the connection is lost, until `close` or until the server says to stay away. */
  connect(): void;
  /**
   * Hands the messages of a topic to `handler`, now or as soon as there is a connection. Options count for the first
   * subscription to a topic.
   * @throws {RangeError} when the topic or an option is malformed.
   */
  subscribe(topic: Topic, handler: MessageHandler, options?: SubscribeOptions): Subscription;
  /** @returns a function that removes the listener. */
  on<Type extends NoticeType>(type: Type, listener: (notice: NoticeOf<Type>) => void): () => void;
  /** Up to where the messages of each topic were handed out. */
  positions(): ReadonlyMap<Topic, Position>;
  counts(): Counts;
  /** Closes the connection and stops every timer. Subscriptions and positions stay, should `connect` be called again. */
  close(): void;
}

export function createClient(options: ClientOptions): Client {
  const { getToken, userId = null } = options;
  const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (WebSocket === undefined) {
    throw new TypeError(
      "There is no global WebSocket here: pass the one of the ws package as the WebSocket option.",
    );
  }
  if (!/^wss?:\/\/[^#]+$/.test(options.url)) {
    throw new RangeError(`The url must start with ws:// or wss:// and have no fragment: ${options.url}`);
  }

  let state = initialState;
  let publicState: PublicState = "idle";
  let socket: Socket | null = null;
  let stopWatching: (() => void) | null = null;
  const subscriptions = createSubscriptions();
  const listeners = new Map<string, Set<(notice: never) => void>>();
  const timers = createTimers<TimerName>((timer) => dispatch({ type: "timer", timer }));

  const queue: Event[] = [];
  let running = false;

  function dispatch(event: Event): void {
    queue.push(event);
    if (running) return;
    running = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { state: after, actions } = transition(state, next as EventOf<EventType>, context());
      state = after;
      for (const action of actions) perform(action);
    }
    running = false;
  }

  const context = (): Context => ({
    url: options.url,
    userId,
    usesToken: getToken !== undefined,
    monotonicMs: performance.now(),
    wallMs: Date.now(),
    random: Math.random(),
  });

  function perform(action: Action): void {
    switch (action.type) {
      case "open":
        return open(action.session, action.url);
      case "send":
        return socket?.send(JSON.stringify(action.frame));
      case "closeSocket":
        socket?.close();
        socket = null;
        return;
      case "startTimer":
        return timers.start(action.timer, action.ms);
      case "cancelTimer":
        return timers.cancel(action.timer);
      case "cancelTimers":
        return timers.cancelAll();
      case "fetchToken":
        void fetchToken(action.request);
        return;
      case "emit":
        return tell(action.notice);
    }
  }

  function open(session: number, url: string): void {
    if (WebSocket === undefined) return;
    socket = openSocket(WebSocket, url, {
      onOpen: () => dispatch({ type: "socketOpen", session }),
      onText: (text) => dispatch({ type: "frame", session, frame: readFrame(text) }),
      onClosed: (code, reason, unauthorized) =>
        dispatch({ type: "socketClosed", session, code, reason, unauthorized }),
    });
  }

  async function fetchToken(request: number): Promise<void> {
    try {
      const token = (await getToken?.()) ?? "";
      dispatch({ type: "tokenObtained", request, token, expiresAtMs: tokenExpiry(token) });
    } catch (error) {
      dispatch({
        type: "tokenFailed",
        request,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  function tell(notice: Notice): void {
    if (notice.type === "state") {
      publicState = notice.state;
      if (notice.state === "closed") {
        stopWatching?.();
        stopWatching = null;
      }
    }
    subscriptions.notify(notice);
    for (const listener of new Set(listeners.get(notice.type))) {
      callSafely(listener as (notice: Notice) => void, notice);
    }
  }

  return {
    get state() {
      return publicState;
    },
    connect() {
      stopWatching ??= watchNetwork((type) => dispatch({ type }));
      dispatch({ type: "connect" });
    },
    subscribe(topic, handler, { since, last } = {}) {
      if (!isTopic(topic)) throw new RangeError(`Not a topic: ${topic}`);
      if (since !== undefined && !isPosition(since)) throw new RangeError("since must be { epoch, offset }");
      if (last !== undefined && !(Number.isInteger(last) && last >= 1 && last <= 100)) {
        throw new RangeError("last must be a whole number from 1 to 100");
      }
      const subscription = subscriptions.add(topic, handler, () => dispatch({ type: "unsubscribe", topic }));
      dispatch({
        type: "subscribe",
        topic,
        ...(since === undefined ? {} : { since }),
        ...(last === undefined ? {} : { last }),
      });
      return subscription;
    },
    on(type, listener) {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener));
      return () => {
        set.delete(listener);
      };
    },
    positions: () =>
      new Map(
        [...state.topics].flatMap(([topic, { position }]) =>
          position === null ? [] : [[topic, position] as const],
        ),
      ),
    counts: () => state.counts,
    close: () => dispatch({ type: "close" }),
  };
}
