import type { ErrorCode, EventFrame, Position, SubscriptionState, Topic } from "@commcoin/protocol";
import { backoff } from "./backoff.ts";
import { emit, outcome, andThen, type Action, type Context, type EventOf, type Outcome } from "./events.ts";
import { count, newTopic, withTopic, type State, type TopicState } from "./state.ts";
import { judge, samePosition, seenAt, settle } from "./topic-position.ts";

/** A subscribe request without an answer is sent again after this. */
const REPLY_TIMEOUT_MS = 10_000;

/** Refusals that may pass; after any other the subscription ends. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "rate_limited",
  "internal",
  "unauthorized",
  "token_expired",
]);

const cancel = (topic: Topic): Action => ({ type: "cancelTimer", timer: `topic:${topic}` });

/** Sends the subscribe request of a topic, from its position on. What arrives until the answer is dropped. */
function ask(state: State, topic: Topic, entry: TopicState): Outcome {
  const { position, last, attempt } = entry;
  const id = state.nextId;
  return outcome(
    withTopic({ ...state, nextId: id + 1 }, topic, {
      ...entry,
      request: id,
      blocked: true,
      attempt: attempt + 1,
    }),
    {
      type: "send",
      frame: {
        type: "subscribe",
        id,
        data: {
          topic,
          ...(position === null ? {} : { since: position }),
          ...(position !== null || last === null ? {} : { last }),
        },
      },
    },
    { type: "startTimer", timer: `topic:${topic}`, ms: REPLY_TIMEOUT_MS },
  );
}

/** Asks at once the first time, after a back-off when there was no progress since. */
function askSoon(state: State, topic: Topic, entry: TopicState, { random }: Context): Outcome {
  if (entry.attempt === 0) return ask(state, topic, entry);
  const waiting = { ...entry, request: null, blocked: true };
  const ms = backoff(entry.attempt - 1, random);
  return outcome(withTopic(state, topic, waiting), { type: "startTimer", timer: `topic:${topic}`, ms });
}

/** Moves the position to where the server goes on, and says what is lost between. */
function lose(state: State, topic: Topic, entry: TopicState, to: Position, reason: string): Outcome {
  const moved = withTopic(state, topic, { ...entry, position: to });
  if (entry.position === null || samePosition(entry.position, to)) return outcome(moved);
  return outcome(count(moved, "lost"), emit({ type: "lost", topic, reason, from: entry.position, to }));
}

const announce = (topic: Topic, { wanted, joined, blocked, position }: TopicState): readonly Action[] =>
  wanted && joined && !blocked && position !== null ? [emit({ type: "subscribed", topic, position })] : [];

/** The server told where a topic stands on this connection. */
function join(state: State, entry: TopicState, reply: SubscriptionState, context: Context): Outcome {
  const { topic } = reply;
  const seen = { epoch: reply.epoch, offset: reply.offset };
  const joined: TopicState = { ...entry, accepted: true, joined: true, request: null, seen };
  const settlement = settle(entry.position, reply);
  if (settlement.type === "ask") return askSoon(state, topic, joined, context);

  const live: TopicState = { ...joined, blocked: false, last: null };
  const recovered = reply.recovered === true && entry.position !== null;
  const moved = settlement.lost
    ? lose(state, topic, live, settlement.position, reply.reason ?? "unknown")
    : outcome(withTopic(state, topic, { ...live, position: settlement.position }));
  return outcome(
    moved.state,
    cancel(topic),
    ...announce(topic, { ...live, position: settlement.position }),
    ...(recovered ? [emit({ type: "recovered", topic, replayed: reply.replayed ?? 0 })] : []),
    ...moved.actions,
  );
}

/** Takes the topics of a new connection; asks for those that are wanted and missing; forgets those that left. */
export function joinListed(state: State, listed: readonly SubscriptionState[], context: Context): Outcome {
  const names = new Set(listed.map(({ topic }) => topic));
  let result = outcome(state);
  for (const reply of listed) {
    const { topic } = reply;
    const entry = state.topics.get(topic);
    if (entry === undefined && state.asked.has(topic)) {
      result = andThen(result, (state) =>
        outcome(state, { type: "send", frame: { type: "unsubscribe", data: { topic } } }),
      );
      continue;
    }
    const known = { ...(entry ?? newTopic), implicit: !state.asked.has(topic) };
    result = andThen(result, (state) =>
      known.last === null
        ? join(state, known, reply, context)
        : ask(state, topic, { ...known, joined: true, seen: { epoch: reply.epoch, offset: reply.offset } }),
    );
  }
  for (const [topic, entry] of state.topics) {
    if (names.has(topic)) continue;
    result = andThen(result, (state) =>
      entry.wanted
        ? ask(state, topic, { ...entry, implicit: false })
        : outcome(withTopic(state, topic, null)),
    );
  }
  return result;
}

export function onMessage(state: State, message: EventFrame, context: Context): Outcome {
  const { topic, offset } = message;
  const entry = state.topics.get(topic);
  if (entry === undefined) return outcome(state);
  switch (judge(entry, message)) {
    case "blocked":
      return outcome(withTopic(state, topic, { ...entry, seen: seenAt(entry.seen, message) }));
    case "duplicate":
      return outcome(count(state, "duplicates"));
    case "gap":
      return askSoon(
        count(state, "gaps"),
        topic,
        { ...entry, seen: seenAt(entry.position, message) },
        context,
      );
    default: {
      const position = { epoch: entry.position?.epoch ?? "", offset };
      const moved = withTopic(state, topic, { ...entry, position, attempt: 0 });
      return outcome(count(moved, "delivered"), emit({ type: "message", message }));
    }
  }
}

/** Answers are matched by id: one to a request that was given up since means nothing. */
export function onSubscribed(
  state: State,
  id: string | number | undefined,
  reply: SubscriptionState,
  context: Context,
): Outcome {
  const entry = state.topics.get(reply.topic);
  if (entry === undefined || entry.request === null || entry.request !== id) return outcome(state);
  return join(state, entry, reply, context);
}

export function onReset(
  state: State,
  reset: Position & { readonly topic: Topic; readonly reason: string },
): Outcome {
  const { topic, epoch, offset, reason } = reset;
  const entry = state.topics.get(topic);
  if (entry === undefined || !entry.joined) return outcome(state);
  const to = { epoch, offset };
  return lose(state, topic, { ...entry, blocked: false, seen: to }, to, reason);
}

/** @returns null when no subscribe request has this id. */
export function onRefused(
  state: State,
  id: string | number | undefined,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
  { random }: Context,
): Outcome | null {
  const found = [...state.topics].find(([, { request }]) => request !== null && request === id);
  if (found === undefined) return null;
  const [topic, entry] = found;
  if (PASSING.has(code)) {
    const waiting = { ...entry, request: null };
    const ms = backoff(entry.attempt - 1, random);
    return outcome(withTopic(state, topic, waiting), { type: "startTimer", timer: `topic:${topic}`, ms });
  }
  if (entry.implicit) {
    // It stays joined whatever we ask: go on from where the server is, and say what is missing.
    const rest = { ...entry, request: null, blocked: false, last: null };
    const position = entry.seen ?? entry.position;
    return andThen(outcome(state, cancel(topic), ...announce(topic, { ...rest, position })), (state) =>
      position === null ? outcome(withTopic(state, topic, rest)) : lose(state, topic, rest, position, code),
    );
  }
  return outcome(
    withTopic(state, topic, null),
    cancel(topic),
    ...(entry.joined ? [{ type: "send", frame: { type: "unsubscribe", data: { topic } } } as const] : []),
    emit({ type: "error", code, message, topic }),
  );
}

/** No answer in time, or the back-off of a topic has passed. */
export function onTopicTimer(state: State, topic: Topic): Outcome {
  const entry = state.topics.get(topic);
  const due = entry !== undefined && (entry.request !== null || entry.blocked);
  return due ? ask(state, topic, entry) : outcome(state);
}

export function onSubscribe(state: State, { topic, since, last }: EventOf<"subscribe">): Outcome {
  const entry = state.topics.get(topic);
  if (entry !== undefined) {
    const wanted = { ...entry, wanted: true };
    return outcome(withTopic(state, topic, wanted), ...announce(topic, wanted));
  }
  const fresh = {
    ...newTopic,
    wanted: true,
    position: since ?? null,
    last: since === undefined ? (last ?? null) : null,
  };
  return state.phase === "connected" ? ask(state, topic, fresh) : outcome(withTopic(state, topic, fresh));
}

export function onUnsubscribe(state: State, { topic }: EventOf<"unsubscribe">): Outcome {
  const entry = state.topics.get(topic);
  if (entry === undefined || !entry.wanted) return outcome(state);
  if (entry.implicit) return outcome(withTopic(state, topic, { ...entry, wanted: false }));
  const rest = withTopic(state, topic, null);
  if (!entry.joined && entry.request === null) return outcome(rest, cancel(topic));
  return outcome(rest, cancel(topic), { type: "send", frame: { type: "unsubscribe", data: { topic } } });
}

/** The connection is gone; positions and wishes stay. */
export function leaveTopics(state: State): State {
  const topics = [...state.topics].map(
    ([topic, entry]) =>
      [topic, { ...entry, joined: false, blocked: false, request: null, seen: null, attempt: 0 }] as const,
  );
  return { ...state, asked: new Set(), topics: new Map(topics) };
}
