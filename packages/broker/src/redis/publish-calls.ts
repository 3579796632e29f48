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
    const { fence = "", message } = items[place] as Waiting;
    return options.sharded ? `${fence} ${message.topic}` : String(fence);
  });
  for (const places of groups.values()) {
    for (let start = 0; start < places.length; start += MAX_MESSAGES_PER_CALL) {
      calls.push(publishCall(items, places.slice(start, start + MAX_MESSAGES_PER_CALL), epoch, options));
    }
  }
  return calls;
}

function publishCall(
  items: readonly Waiting[],
  places: readonly number[],
  epoch: string,
  { keys, retention, known }: PublishCallOptions,
): PublishCall {
  const numbers = new Map<string, number>();
  const idsBefore: (string | null)[] = [];
  const topicOf: number[] = [];
  const idKeys: string[] = [];
  const tails: string[] = [];
  const messageArgs: (string | number)[] = [];
  let fence: number | undefined;
  for (const place of places) {
    const item = items[place];
    if (item === undefined) continue;
    const { topic, id, head, tail } = item.message;
    ({ fence } = item);
    const number = numbers.get(topic) ?? numbers.size;
    numbers.set(topic, number);
    // Of the first message of each topic: those after it in this call follow it anyway.
    if (number === idsBefore.length) idsBefore.push(item.idBefore);
    topicOf.push(number);
    idKeys.push(keys.id(topic, id));
    // The messages of one event to several topics stand side by side and have the same tail.
    if (tails.at(-1) !== tail) tails.push(tail);
    messageArgs.push(number + 1, head, tails.length);
  }
  const topics = [...numbers.keys()];
  const topicKeys: string[] = [];
  const topicArgs: (string | number)[] = [];
  for (const [number, topic] of topics.entries()) {
    const { maxMessages, maxAgeMs } = retention(topic);
    const seen = known.get(topic);
    const idBefore = idsBefore[number] ?? null;
    const meta = keys.meta(topic);
    topicKeys.push(
      meta,
      keys.stream(topic),
      keys.live(topic),
      idBefore === null ? meta : keys.id(topic, idBefore),
    );
    topicArgs.push(
      seen.epoch,
      seen.offset,
      seen.chain,
      seen.ended,
      maxMessages,
      maxAgeMs,
      metaTtlMs(maxAgeMs),
    );
  }
  const args = [
    topicKeys.length + idKeys.length,
    ...topicKeys,
    ...idKeys,
    epoch,
    EMPTY_TOPIC_TTL_MS,
    fence ?? "",
    topics.length,
    tails.length,
    ...topicArgs,
    ...tails,
    ...messageArgs,
  ];
  return { topics, topicOf, places, args };
}

export interface PublishReply {
  readonly outcomes: readonly (readonly [place: number, outcome: Outcome])[];
  /** Where topics stand after the call. */
  readonly standings: readonly (readonly [topic: string, position: ChainedPosition])[];
}

/** What became of each message of a call. */
export function readPublishReply(
  { topics, topicOf, places }: PublishCall,
  outcome: ScriptOutcome | undefined,
): PublishReply {
  const [error, reply] = outcome ?? [new Error("there was no answer"), null];
  if (error !== null) return { outcomes: places.map((place) => [place, error]), standings: [] };
  const answers = reply as readonly (string | number | null)[];
  const epochOf = (number: number): string | null => {
    const epoch = answers[3 * number] ?? null;
    return epoch === null ? null : String(epoch);
  };
  return {
    standings: topics.flatMap((topic, number) => {
      const epoch = epochOf(number);
      if (epoch === null || epoch === "") return [];
      const [offset, chain] = answers.slice(3 * number + 1);
      return [[topic, { epoch, offset: Number(offset), chain: String(chain) }] as const];
    }),
    outcomes: places.map((place, index) => {
      const number = topicOf[index] ?? 0;
      const epoch = epochOf(number);
      const position = answers[3 * topics.length + index];
      if (epoch === null) {
        return [place, new BrokerUnavailableError("What was to be published before it was not.")];
      }
      if (epoch === "") return [place, new FencedError(topics[number] ?? "")];
      return [
        place,
        typeof position === "number"
          ? { epoch, offset: position, duplicate: false }
          : { ...readPosition(String(position)), duplicate: true },
      ];
    }),
  };
}
