import type { ErrorCode, EventFrame, Position, RequestId, SubscriptionState, Topic } from "./protocol.ts";
import { backoff } from "./backoff.ts";
import {
  setTimer,
  chain,
  emit,
  outcome,
  send,
  type Action,
  type Context,
  type EventOf,
  type Outcome,
} from "./events.ts";
import { count, newTopic, notJoined, recall, withTopic, type State, type TopicState } from "./state.ts";
import { ANSWER_TIMEOUT_MS } from "./times.ts";
import { samePosition, settle } from "./topic-position.ts";

/** Refusals that may pass; after any other the subscription ends. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "rate_limited",
  "internal",
  "unauthorized",
  "token_expired",
]);

const cancel = (topic: Topic): Action => setTimer(`topic:${topic}`);

const sendUnsubscribe = (topic: Topic): Action => send({ type: "unsubscribe", data: { topic } });

/** Sends the subscribe request of a topic, from its position on. What arrives until the answer is dropped. */
function ask(state: State, topic: Topic, entry: TopicState): Outcome {
  const { position, last, conflate, attempt } = entry;
  const request = state.nextId;
  return outcome(
    withTopic({ ...state, nextId: request + 1 }, topic, {
      ...entry,
      request,
      blocked: true,
      attempt: attempt + 1,
    }),
    send({
      type: "subscribe",
      id: request,
      data: { topic, since: position, last, conflate: conflate || undefined },
    }),
    setTimer(`topic:${topic}`, ANSWER_TIMEOUT_MS),
  );
}

/** Asks after a back-off. */
const askLater = (state: State, topic: Topic, entry: TopicState, { random }: Context): Outcome =>
  outcome(
    withTopic(state, topic, { ...entry, request: undefined, blocked: true }),
    setTimer(`topic:${topic}`, backoff(entry.attempt - 1, random)),
  );

/** Asks at once the first time, later when there was no progress since. */
const askSoon = (state: State, topic: Topic, entry: TopicState, context: Context): Outcome =>
  entry.attempt === 0 ? ask(state, topic, entry) : askLater(state, topic, entry, context);

/** Goes on at a position, and says what is lost when it is another one. */
function goOn(state: State, topic: Topic, entry: TopicState, to: Position, reason: string): Outcome {
  const { position: from, wanted } = entry;
  const isLost = from && !samePosition(from, to);
  const live = { ...entry, joined: true, blocked: false, last: undefined, position: to };
  return outcome(
    withTopic(isLost ? count(state, "lost") : state, topic, live),
    isLost && emit({ type: "lost", topic, reason, from, to }),
    wanted && emit({ type: "subscribed", topic, position: to }),
  );
}

/** The server told where a topic stands on this connection. */
function join(state: State, entry: TopicState, reply: SubscriptionState, context: Context): Outcome {
  const { topic, epoch, offset, recovered, replayed = 0, reason = "unknown" } = reply;
  const joined = { ...entry, joined: true, request: undefined, seen: { epoch, offset } };
  const position = settle(entry.position, reply);
  if (!position) return askSoon(state, topic, joined, context);
  const resumed = recovered && entry.position;
  const { state: after, actions } = goOn(state, topic, joined, position, reason);
  return outcome(after, cancel(topic), resumed && emit({ type: "recovered", topic, replayed }), ...actions);
}

/** Takes the topics of a new connection; asks for those that are wanted and missing; forgets those that left. */
export function joinListed(state: State, listed: readonly SubscriptionState[], context: Context): Outcome {
  const { topics, asked } = state;
  const joins = listed.map((reply) => (before: State) => {
    const { topic, epoch, offset } = reply;
    const entry = topics.get(topic);
    const wasAsked = asked.has(topic);
    // Unsubscribed from while the URL was on its way.
    if (!entry && wasAsked) return outcome(before, sendUnsubscribe(topic));
    const { state, position } = recall(before, topic);
    const known = { ...newTopic, position, ...entry, implicit: !wasAsked };
    return known.last === undefined
      ? join(state, known, reply, context)
      : ask(state, topic, { ...known, joined: true, seen: { epoch, offset } });
  });
  const rest = [...topics].map(([topic, entry]) => (state: State) => {
    if (state.topics.get(topic)?.joined) return outcome(state);
    return entry.wanted ? ask(state, topic, { ...entry, implicit: false }) : outcome(withTopic(state, topic));
  });
  return chain(outcome(state), ...joins, ...rest);
}

/**
 * The next message is the one with the next offset, or any later one of a conflated topic. What was there before is
 * dropped; what is ahead shows a gap.
 */
export function onMessage(state: State, message: EventFrame, context: Context): Outcome {
  const { topic, offset } = message;
  const entry = state.topics.get(topic);
  if (!entry?.joined) return outcome(state);
  const { position, seen, blocked, conflate } = entry;
  const ready = !blocked && position;
  if (ready && offset <= position.offset) return outcome(count(state, "duplicates"));
  if (ready && (conflate || offset === position.offset + 1)) {
    const moved = withTopic(state, topic, { ...entry, position: { ...position, offset }, attempt: 0 });
    return outcome(count(moved, "delivered"), emit({ type: "message", message }));
  }
  // What is dropped is the server's newest, though: that is where an implicit topic goes on if it cannot be replayed.
  const dropped = { ...entry, seen: seen && { ...seen, offset } };
  return ready
    ? askSoon(count(state, "gaps"), topic, dropped, context)
    : outcome(withTopic(state, topic, dropped));
}

/** Answers are matched by id: one to a request that was given up since means nothing. */
export function onSubscribed(
  state: State,
  id: RequestId | undefined,
  reply: SubscriptionState,
  context: Context,
): Outcome {
  const entry = state.topics.get(reply.topic);
  return entry?.request === (id ?? NaN) ? join(state, entry, reply, context) : outcome(state);
}

export function onReset(
  state: State,
  { topic, epoch, offset, reason }: Position & { readonly topic: Topic; readonly reason: string },
): Outcome {
  const entry = state.topics.get(topic);
  const to = { epoch, offset };
  return entry?.joined ? goOn(state, topic, { ...entry, seen: to }, to, reason) : outcome(state);
}

/** @returns null when no subscribe request has this id. */
export function onRefused(
  state: State,
  id: RequestId | undefined,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
  context: Context,
): Outcome | null {
  const found = [...state.topics].find(([, { request }]) => request && request === id);
  if (!found) return null;
  const [topic, entry] = found;
  if (PASSING.has(code)) return askLater(state, topic, entry, context);
  const position = entry.seen ?? entry.position;
  if (entry.implicit && position) {
    // It stays joined whatever we ask: go on from where the server is, and say what is missing.
    const { state: after, actions } = goOn(state, topic, { ...entry, request: undefined }, position, code);
    return outcome(after, cancel(topic), ...actions);
  }
  return outcome(
    withTopic(state, topic),
    cancel(topic),
    entry.joined && sendUnsubscribe(topic),
    emit({ type: "error", code, message, topic }),
  );
}

/** No answer in time, or the back-off of a topic has passed. */
export function onTopicTimer(state: State, topic: Topic): Outcome {
  const entry = state.topics.get(topic);
  return entry && (entry.request || entry.blocked) ? ask(state, topic, entry) : outcome(state);
}

export function onSubscribe(
  state: State,
  { topic, since, last, conflate = false }: EventOf<"subscribe">,
): Outcome {
  const entry = state.topics.get(topic);
  if (entry) {
    const { joined, blocked, position } = entry;
    const stands = joined && !blocked && position;
    return outcome(
      withTopic(state, topic, { ...entry, wanted: true }),
      stands && emit({ type: "subscribed", topic, position }),
    );
  }
  const { state: after, position } = recall(state, topic);
  const resumed = since ?? (last === undefined ? position : undefined);
  const fresh = {
    ...newTopic,
    wanted: true,
    position: resumed,
    last: resumed ? undefined : last,
    conflate,
  };
  return after.phase === "connected" ? ask(after, topic, fresh) : outcome(withTopic(after, topic, fresh));
}

export function onUnsubscribe(state: State, { topic }: EventOf<"unsubscribe">): Outcome {
  const entry = state.topics.get(topic);
  if (!entry) return outcome(state);
  if (entry.implicit) return outcome(withTopic(state, topic, { ...entry, wanted: false }));
  return outcome(
    withTopic(state, topic),
    cancel(topic),
    (entry.joined || entry.request) && sendUnsubscribe(topic),
  );
}

/** The connection is gone; positions and wishes stay. */
export function leaveTopics(state: State): State {
  const topics = [...state.topics].map(([topic, entry]) => [topic, { ...entry, ...notJoined }] as const);
  return { ...state, asked: new Set(), topics: new Map(topics) };
}
