import type { Position, Topic } from "./protocol.ts";
import { isPosition, isTopic } from "./connect-url.ts";
import type { Action, Context, Event, EventOf, EventType, Notice, NoticeOf, TimerName } from "./events.ts";
import { callSafely } from "./listeners.ts";
import { watchPage } from "./page.ts";
import { OPEN, openSocket, type WebSocketConstructor, type WebSocketLike } from "./socket.ts";
import { initialState, publicStateOf, type Counts, type PublicState } from "./state.ts";
import { createSubscriptions, type MessageHandler, type Subscription } from "./subscriptions.ts";
import { createTimers } from "./timers.ts";
import { tokenExpiry } from "./token-expiry.ts";
import { transition } from "./transition.ts";

const NORMAL_CLOSURE = 1_000;

export interface ClientOptions {
  /** The gateway's WebSocket endpoint, such as `wss://example.org/ws`. */
  readonly url: string;
  /**
   * Who this is, to a gateway that believes it: 1 to 256 bytes of UTF-8 without white space, `/`, `,`, control and
   * invisible characters. Empty is the same as none.
   */
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
  /** Begin with the newest n messages, at most 100: more is refused by the server. */
  readonly last?: number;
  /**
   * Of `market_data` only: while this client does not keep up, it gets the newest value of each token instead of all
   * of them. Offsets then jump, and what was left out is not told as lost.
   */
  readonly conflate?: boolean;
}

export type NoticeType = Exclude<Notice["type"], "subscribed">;

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
   * @throws {RangeError} when the topic or the position is malformed.
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

/**
 * @throws {RangeError} when the URL or the user id cannot be right.
 * @throws {TypeError} where there is no WebSocket.
 */
export function createClient(options: ClientOptions): Client {
  const { getToken, userId = "" } = options;
  const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (WebSocket === undefined) {
    throw new TypeError("No global WebSocket: pass that of ws.");
  }
  if (!/^wss?:\/\/[^#]+$/.test(options.url)) {
    throw new RangeError(`Not a ws:// or wss:// url: ${options.url}`);
  }
  if (userId !== "" && !isTopic(`user:${userId}`)) throw new RangeError(`Not a user id: ${userId}`);

  let state = initialState;
  let socket: WebSocketLike | undefined;
  let stopWatching: (() => void) | null = null;
  const subscriptions = createSubscriptions();
  const listeners = new Map<string, Set<(notice: never) => void>>();
  const timers = createTimers<TimerName>((timer) => dispatch({ type: "timer", timer }));

  /** The event that is being handled, and those that this brought about. */
  const queue: Event[] = [];

  function dispatch(event: Event): void {
    if (queue.push(event) > 1) return;
    for (const next of queue) {
      const { state: after, actions } = transition(state, next as EventOf<EventType>, context());
      state = after;
      for (const action of actions) perform(action);
    }
    queue.length = 0;
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
        socket = openSocket(WebSocket as WebSocketConstructor, action.url, action.session, dispatch);
        return;
      case "send":
        // A socket that is closing takes nothing more; its end is about to be reported.
        if (socket?.readyState === OPEN) socket.send(JSON.stringify(action.frame));
        return;
      case "endSession":
        timers.cancelAll();
        socket?.close(NORMAL_CLOSURE);
        socket = undefined;
        return;
      case "startTimer":
        timers.start(action.timer, action.ms);
        return;
      case "cancelTimer":
        timers.cancel(action.timer);
        return;
      case "fetchToken":
        void fetchToken(action.request);
        return;
      case "emit":
        tell(action.notice);
    }
  }

  async function fetchToken(request: number): Promise<void> {
    try {
      const token = (await getToken?.()) ?? "";
      dispatch({ type: "tokenObtained", request, token, expiresAtMs: tokenExpiry(token) });
    } catch (error) {
      dispatch({ type: "tokenFailed", request, message: String(error) });
    }
  }

  function tell(notice: Notice): void {
    if (notice.type === "state" && notice.state === "closed") {
      stopWatching?.();
      stopWatching = null;
    }
    subscriptions.notify(notice);
    for (const listener of new Set(listeners.get(notice.type))) {
      callSafely(listener as (notice: Notice) => void, notice);
    }
  }

  return {
    get state() {
      return publicStateOf(state);
    },
    connect() {
      stopWatching ??= watchPage(dispatch);
      dispatch({ type: "connect" });
    },
    subscribe(topic, handler, { since, last, conflate } = {}) {
      if (!isTopic(topic)) throw new RangeError(`Not a topic: ${topic}`);
      if (since && !isPosition(since)) throw new RangeError("Not a position");
      const subscription = subscriptions.add(topic, handler, () => dispatch({ type: "unsubscribe", topic }));
      dispatch({ type: "subscribe", topic, since, last, conflate });
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
        [...state.topics].flatMap(([topic, { position }]) => (position ? [[topic, position] as const] : [])),
      ),
    counts: () => state.counts,
    close: () => dispatch({ type: "close" }),
  };
}
