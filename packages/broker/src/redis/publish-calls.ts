import { BrokerUnavailableError, FencedError } from "../broker.ts";
import { newEpoch } from "../epoch.ts";
import type { RetentionPolicy } from "../retention.ts";
import { groupBy } from "./group-by.ts";
import type { Keys } from "./keys.ts";
import type { ChainedPosition, KnownPositions } from "./known-positions.ts";
import { readPosition } from "./position-text.ts";
import type { Outcome, Waiting } from "./publish-lane.ts";
import type { ScriptArguments, ScriptOutcome } from "./scripts.ts";
import { EMPTY_TOPIC_TTL_MS, metaTtlMs } from "./ttl.ts";

/** Messages in one script call. It takes Redis about 10 µs each, for which everybody else waits. */
const MAX_MESSAGES_PER_CALL = 64;

/** A call of the publish script. */
export interface PublishCall {
  /** In the order in which the script knows them. */
  readonly topics: readonly string[];
  /** Of each message, the place of its topic. */
  readonly topicOf: readonly number[];
  /** Where its messages stand among those given. */
  readonly places: readonly number[];
  readonly args: ScriptArguments;
}

export interface PublishCallOptions {
  /** Whether a call may be about one topic only: the keys of two may lie on different nodes. */
  readonly sharded: boolean;
  readonly keys: Keys;
  readonly retention: RetentionPolicy;
  readonly known: KnownPositions;
}

/** Turns messages into calls: those of one fence together, in order; on a cluster those of one topic and fence. */
export function publishCalls(items: readonly Waiting[], options: PublishCallOptions): readonly PublishCall[] {
  // A name for the new life of topics that need one; several topics may share it.
  const epoch = newEpoch();
  const calls: PublishCall[] = [];
  const groups = groupBy(items.keys(), (place) => {
    const { fence, message } = items[place] as Waiting;
    return options.sharded ? `${fence ?? ""} ${message.topic}` : fence;
  });
  for (const places of groups.values()) {
    for (let start = 0; start < places.length; start += MAX_MESSAGES_PER_CALL) {
      calls.push(publishCall(items, places.slice(start, start + MAX_MESSAGES_PER_CALL), epoch, options));
    }
  }
  return calls;
}

/** A topic of a call, and the head that its messages had last. */
interface TopicOfCall {
  readonly number: number;
  readonly name: string;
  /** Of its first message: those after it in the call follow it anyway. */
  readonly idBefore: string | null;
  /** What the key of an id begins with. */
  readonly idKeyStart: string;
  head: string;
  /** Number of the head among the texts. */
  headText: number;
}

function publishCall(
  items: readonly Waiting[],
  places: readonly number[],
  epoch: string,
  options: PublishCallOptions,
): PublishCall {
  const { keys } = options;
  const topics = new Map<string, TopicOfCall>();
  const topicOf: number[] = [];
  const idKeys: string[] = [];
  const texts: string[] = [];
  const messages: number[] = [];
  let fence: number | undefined;
  let lastTail: string | null = null;
  let tailText = 0;
  for (const place of places) {
    const item = items[place];
    if (item === undefined) continue;
    const { topic: name, id, head, tail } = item.message;
    ({ fence } = item);
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = {
        number: topics.size,
        name,
        idBefore: item.idBefore,
        idKeyStart: keys.id(name, ""),
        head: "",
        headText: 0,
      };
      topics.set(name, topic);
    }
    topicOf.push(topic.number);
    idKeys.push(topic.idKeyStart + id);
    if (topic.head !== head) {
      topic.head = head;
      topic.headText = texts.push(head);
    }
    // The messages of one event to several topics stand side by side and have the same tail.
    if (lastTail !== tail) {
      lastTail = tail;
      tailText = texts.push(tail);
    }
    messages.push(topic.number + 1, topic.headText, tailText);
  }
  const fenceKeys = fence === undefined ? [] : [...topics.keys()].map((name) => keys.topicFence(name));
  const { topicKeys, idBeforeKeys, plans } = planTopics([...topics.values()], idKeys.length, options);
  const args = [
    topicKeys.length + idKeys.length + idBeforeKeys.length + fenceKeys.length,
    ...topicKeys,
    ...idKeys,
    ...idBeforeKeys,
    ...fenceKeys,
    epoch,
    EMPTY_TOPIC_TTL_MS,
    fence ?? "",
    // Commands are made of text, and each argument is work for both sides: the small ones travel as one.
    JSON.stringify([plans, messages]),
    ...texts,
  ];
  return { topics: [...topics.keys()], topicOf, places, args };
}

function planTopics(
  topics: readonly TopicOfCall[],
  messageCount: number,
  { keys, retention, known }: PublishCallOptions,
) {
  const topicKeys: string[] = [];
  const idBeforeKeys: string[] = [];
  const plans = topics.map(({ name, idBefore }) => {
    const { maxMessages, maxAgeMs } = retention(name);
    const seen = known.get(name);
    topicKeys.push(keys.meta(name), keys.stream(name));
    const idBeforeKey =
      idBefore === null ? 0 : 2 * topics.length + messageCount + idBeforeKeys.push(keys.id(name, idBefore));
    return [
      keys.live(name),
      idBeforeKey,
      seen.epoch,
      String(seen.offset),
      seen.chain,
      seen.ended,
      maxMessages,
      maxAgeMs,
      metaTtlMs(maxAgeMs),
    ] as const;
  });
  return { topicKeys, idBeforeKeys, plans };
}

/** What the script answers, as JSON. */
type Answer = readonly [
  topics: readonly (readonly [epoch: string | false, offset: number, chain: string, damaged?: string])[],
  messages: readonly (number | string)[],
];

export interface PublishReply {
  /** Of each message of the call. */
  readonly outcomes: readonly Outcome[];
  /** Where topics stand after the call. */
  readonly standings: readonly (readonly [topic: string, position: ChainedPosition])[];
  /** Which key of which topic was damaged. */
  readonly damages: readonly (readonly [topic: string, damaged: string])[];
}

/** What became of each message of a call. */
export function readPublishReply(
  { topics, topicOf, places }: PublishCall,
  outcome: ScriptOutcome | undefined,
): PublishReply {
  const [error, reply] = outcome ?? [new Error("there was no answer"), null];
  if (error !== null) return { outcomes: places.map(() => error), standings: [], damages: [] };
  const [answers, positions] = JSON.parse(String(reply)) as Answer;
  return {
    standings: topics.flatMap((topic, number) => {
      const [epoch = false, offset = 0, chain = ""] = answers[number] ?? [];
      return epoch === false || epoch === "" ? [] : [[topic, { epoch, offset, chain }] as const];
    }),
    damages: topics.flatMap((topic, number) => {
      const damaged = answers[number]?.[3];
      return damaged === undefined ? [] : [[topic, damaged] as const];
    }),
    outcomes: topicOf.map((number, index): Outcome => {
      const epoch = answers[number]?.[0] ?? false;
      const position = positions[index];
      if (epoch === false) return new BrokerUnavailableError("What was to be published before it was not.");
      if (epoch === "") return new FencedError(topics[number] ?? "");
      return typeof position === "number"
        ? { epoch, offset: position, duplicate: false }
        : { ...readPosition(String(position)), duplicate: true };
    }),
  };
}
