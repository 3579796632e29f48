import { onAbort } from "./abort.ts";
import { NORMAL_CLOSURE } from "./close-rule.ts";
import { isPosition, isTopic } from "./connect-url.ts";
import type { Action, Context, Event, EventOf, EventType, Notice, NoticeOf, TimerName } from "./events.ts";
import { createHistory, type HistoryOptions, type HistoryPage } from "./history.ts";
import type { PositionKeeper } from "./kept-positions.ts";
import { DEFAULT_BUFFER } from "./limits.ts";
import { callSafely } from "./listeners.ts";
import { watchPage } from "./page.ts";
import type { Position, Topic } from "./protocol.ts";
import { OPEN, openSocket, type WebSocketConstructor, type WebSocketLike } from "./socket.ts";
import {
  initialState,
  publicStateOf,
  type Connection,
  type Counts,
  type PublicState,
  type State,
} from "./state.ts";
import { createSubscriptions, type MessageHandler, type Subscription } from "./subscriptions.ts";
import { createTimers } from "./timers.ts";
import { tokenExpiry } from "./token-expiry.ts";
import type { MessageIn } from "./topic-messages.ts";
import { transition } from "./transition.ts";

export interface ClientOptions {
  /** The gateway's WebSocket endpoint, such as `wss://example.org/ws`. */
  readonly url: string;
  /**
   * Who this is, to a gateway that believes it: 1 to 256 bytes of UTF-8 without white space, `/`, `,`, control and
   * invisible characters, and not what a template makes of `undefined` or `null`. Empty is the same as none.
   */
  readonly userId?: string;
  /**
   * Gives a token: before the first connection, before the last one expires, and after the server refused one. An empty
   * one, or the refused one again, ends the client as `unauthorized`; a rejection is tried again later.
   */
  readonly getToken?: () => Promise<string>;
  /** Where there is no global `WebSocket` (Node 20): that of the `ws` package. */
  readonly WebSocket?: WebSocketConstructor;
  /**
   * Keeps positions when the program ends, so that the next one goes on there: `keepPositions()` of
   * `@commcoin/client/storage`. What was unsubscribed from is forgotten.
   */
  readonly positions?: PositionKeeper;
  /** Closes the client for good. */
  readonly signal?: AbortSignal;
  /** Is told what the client sends, without tokens, and what it tells the application: `console.debug`. */
  readonly debug?: (what: string, details: unknown) => void;
}

export interface SubscribeOptions {
  /** Begin after this position: one that `positions()` or `history()` gave before. Otherwise where storage says. */
  readonly since?: Position;
  /** Begin with the newest n messages, at most 100: more is refused by the server. */
  readonly last?: number;
  /**
   * Of `market_data` only: while this client does not keep up, it gets the newest value of each token instead of all
   * of them. Offsets then jump, and what was left out is not told as lost.
   */
  readonly conflate?: boolean;
  /** So many messages may wait for a `for await` loop. By default 1,000. */
  readonly buffer?: number;
  /** Unsubscribes. */
  readonly signal?: AbortSignal;
}

export type NoticeType = Exclude<Notice["type"], "subscribed" | "answer">;

/**
 * A connection to a gateway that is kept up. Per topic, every message is handed out once and in order, through
 * reconnects too; where the server cannot replay what was missed, a `lost` event says so.
 */
export interface Client {
  readonly state: PublicState;
  /** Who the server says this is; null while there is no connection. */
  readonly connection: Connection | null;
  /** Connects, and again whenever the connection is lost, until `close` or until the server says to stay away. */
  connect(): void;
  /**
   * Hands the messages of a topic to `handler`, now or as soon as there is a connection; without one, or null, to a loop
   * over the subscription. Where to begin, and `conflate`, count for the first subscription to a topic.
   * @throws {RangeError} when the topic or the position is malformed.
   */
  subscribe<const Name extends Topic>(
    topic: Name,
    handler?: MessageHandler<Name> | null,
    options?: SubscribeOptions,
  ): Subscription<MessageIn<Name>>;
  /**
   * Past messages of a topic, which need not be subscribed to. Waits for a connection.
   * Rejects with a `SubscriptionError`, the signal's reason, or a RangeError when topic or position are malformed.
   */
  history<const Name extends Topic>(
    topic: Name,
    options?: HistoryOptions,
  ): Promise<HistoryPage<MessageIn<Name>>>;
  /** @returns a function that removes the listener. */
  on<Type extends NoticeType>(
    type: Type,
    listener: (notice: NoticeOf<Type>) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void;
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
  const { debug, getToken, positions: keeper, userId = "" } = options;
  const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (!WebSocket) {
    throw new TypeError("No global WebSocket: pass that of ws.");
  }
  if (!/^wss?:\/\/[^#]+$/.test(options.url)) {
    throw new RangeError(`Not a ws:// or wss:// url: ${options.url}`);
  }
  if (userId && !isTopic(`user:${userId}`)) throw new RangeError(`Not a user id: ${userId}`);

  let state: State = { ...initialState, remembered: keeper?.saved ?? initialState.remembered };
  let socket: WebSocketLike | undefined;
  let stopWatching: (() => void) | null = null;
  let forgetSignal = (): void => undefined;
  const positions = (): Map<Topic, Position> =>
    new Map(
      [...state.topics].flatMap(([topic, { position }]) => (position ? [[topic, position] as const] : [])),
    );
  const subscriptions = createSubscriptions((topic) => state.topics.get(topic)?.position ?? undefined);
  const history = createHistory((frame) => {
    if (state.phase === "connected") perform({ type: "send", frame });
  });
  const listeners = new Map<string, Set<(notice: never) => void>>();
  const timers = createTimers<TimerName>((timer) => dispatch({ type: "timer", timer }));

  /** The event that is being handled, and those that this brought about. */
  const queue: Event[] = [];

  function dispatch(event: Event): void {
    if (queue.push(event) > 1) return;
    for (const next of queue) {
      const { state: after, actions } = transition(state, next as EventOf<EventType>, context());
      if (after.topics !== state.topics) keeper?.touch(() => new Map([...state.remembered, ...positions()]));
      state = after;
      for (const action of actions) perform(action);
    }
    queue.length = 0;
  }

  const context = (): Context => ({
    url: options.url,
    userId,
    usesToken: !!getToken,
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
        if (socket?.readyState !== OPEN) return;
        socket.send(JSON.stringify(action.frame));
        debug?.("send", action.frame.type === "auth" ? "auth" : action.frame);
        return;
      case "endSession":
        timers.cancelAll();
        socket?.close(NORMAL_CLOSURE);
        socket = undefined;
        return;
      case "setTimer":
        timers.set(action.timer, action.ms);
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
    debug?.(notice.type, notice);
    if (notice.type === "state" && notice.state === "closed") {
      stopWatching?.();
      stopWatching = null;
      forgetSignal();
      keeper?.flush();
    }
    subscriptions.notify(notice);
    history.notify(notice);
    for (const listener of new Set(listeners.get(notice.type))) {
      callSafely(listener as (notice: Notice) => void, notice);
    }
  }

  const checkPlace = (topic: Topic, since: Position | undefined): void => {
    if (!isTopic(topic)) throw new RangeError(`Not a topic: ${topic}`);
    if (since && !isPosition(since)) throw new RangeError("Not a position");
  };
  const close = (): void => dispatch({ type: "close" });
  forgetSignal = onAbort(options.signal, close);

  return {
    get state() {
      return publicStateOf(state);
    },
    get connection() {
      return state.connection;
    },
    connect() {
      if (options.signal?.aborted) return;
      forgetSignal();
      forgetSignal = onAbort(options.signal, close);
      stopWatching ??= watchPage(dispatch);
      dispatch({ type: "connect" });
    },
    subscribe<Name extends Topic>(
      topic: Name,
      handler: MessageHandler<Name> | null = null,
      { buffer = DEFAULT_BUFFER, signal, ...start }: SubscribeOptions = {},
    ) {
      checkPlace(topic, start.since);
      const subscription: Subscription = subscriptions.add(
        { topic, handler: handler as MessageHandler | null, buffer, signal },
        () => dispatch({ type: "unsubscribe", topic }),
      );
      if (!signal?.aborted) dispatch({ type: "subscribe", topic, ...start });
      return subscription as Subscription<MessageIn<Name>>;
    },
    async history<Name extends Topic>(topic: Name, request: HistoryOptions = {}) {
      checkPlace(topic, request.since);
      return (await history.read(topic, request)) as HistoryPage<MessageIn<Name>>;
    },
    on(type, listener, { signal } = {}) {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener));
      const forget = onAbort(signal, () => set.delete(listener));
      return () => {
        set.delete(listener);
        forget();
      };
    },
    positions,
    counts: () => state.counts,
    close,
  };
}
