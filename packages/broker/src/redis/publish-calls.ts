import { FencedError } from "../broker.ts";
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
/** Keys beside those of the ids. */
const TOPIC_KEYS = 3;

/** A call of the publish script. */
export interface PublishCall {
  readonly topic: string;
  /** Where its messages stand among those given. */
  readonly places: readonly number[];
  readonly args: ScriptArguments;
}

/** Turns messages into calls: those of one topic and fence together, in order. */
export function publishCalls(
  items: readonly Waiting[],
  {
    keys,
    retention,
    known,
  }: {
    readonly keys: Keys;
    readonly retention: RetentionPolicy;
    readonly known: KnownPositions;
  },
): readonly PublishCall[] {
  // A name for the new life of topics that need one; several topics may share it.
  const epoch = newEpoch();
  const calls: PublishCall[] = [];
  const callOf = (topic: string, fence: number | undefined, places: readonly number[]): PublishCall => {
    const { maxMessages, maxAgeMs } = retention(topic);
    const seen = known.get(topic);
    const args: (string | number)[] = [
      TOPIC_KEYS + places.length,
      keys.meta(topic),
      keys.stream(topic),
      keys.live(topic),
    ];
    const messages = places.flatMap((place) => items[place]?.message ?? []);
    for (const { id } of messages) args.push(keys.id(topic, id));
    args.push(epoch, seen.epoch, seen.offset, seen.chain, EMPTY_TOPIC_TTL_MS);
    args.push(fence ?? "", maxMessages, maxAgeMs, metaTtlMs(maxAgeMs));
    for (const { head, tail } of messages) args.push(head, tail);
    return { topic, places, args };
  };
  const groups = groupBy(
    items.keys(),
    (place) => `${items[place]?.fence ?? ""} ${items[place]?.message.topic}`,
  );
  for (const places of groups.values()) {
    const first = items[places[0] ?? 0];
    if (first === undefined) continue;
    for (let start = 0; start < places.length; start += MAX_MESSAGES_PER_CALL) {
      const some = places.slice(start, start + MAX_MESSAGES_PER_CALL);
      calls.push(callOf(first.message.topic, first.fence, some));
    }
  }
  return calls;
}

export interface PublishReply {
  readonly outcomes: readonly (readonly [place: number, outcome: Outcome])[];
  /** Where the topic stands after the call; null when it failed. */
  readonly standing: ChainedPosition | null;
}

/** What became of each message of a call. */
export function readPublishReply(
  { topic, places }: PublishCall,
  outcome: ScriptOutcome | undefined,
): PublishReply {
  const [error, reply] = outcome ?? [new Error("there was no answer"), null];
  const failed = (failure: Error): PublishReply => ({
    outcomes: places.map((place) => [place, failure]),
    standing: null,
  });
  if (error !== null) return failed(error);
  if (!Array.isArray(reply)) return failed(new FencedError(topic));
  const [epoch, offset, chain, ...positions] = reply as [string, number, string, ...(string | number)[]];
  return {
    standing: { epoch, offset, chain },
    outcomes: places.map((place, index) => {
      const position = positions[index];
      return [
        place,
        typeof position === "number"
          ? { epoch, offset: position, duplicate: false }
          : { ...readPosition(String(position)), duplicate: true },
      ];
    }),
  };
}
