import type { Position } from "@commcoin/protocol";
import type { Delivery, History, HistoryQuery, TopicSubscription, Unrecovered } from "../broker.ts";
import type { DamageLog } from "../damage.ts";
import { newEpoch } from "../epoch.ts";
import type { RetentionPolicy } from "../retention.ts";
import { createSubscriber } from "../subscriber.ts";
import type { Channels } from "./channels.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import type { ChainedPosition, KnownPositions } from "./known-positions.ts";
import { readLive } from "./live-header.ts";
import { readStanding } from "./position-text.ts";
import type { ScriptArguments } from "./scripts.ts";
import { EMPTY_TOPIC_TTL_MS } from "./ttl.ts";
import { noteTopicDamage } from "./topic-damage.ts";
import { orUnavailable, unavailable } from "./unavailable.ts";

/** Questions in one write. */
const POSITIONS_PER_PIPELINE = 1_000;

/** Topics that do not exist, and whose past was asked for. */
const MAX_UNBORN = 10_000;

/** The reading side: positions, history and live delivery. */
export interface RedisTopics {
  subscribe(topic: string, deliver: (delivery: Delivery) => void): Promise<TopicSubscription>;
  history(topic: string, query: HistoryQuery): Promise<History>;
  positions(topics: readonly string[]): Promise<readonly Position[]>;
}

export function createRedisTopics({
  commands,
  channels,
  keys,
  retention,
  known,
  rewindGraceMs,
  now,
  damage,
}: {
  readonly commands: Commands;
  readonly channels: Channels;
  readonly keys: Keys;
  readonly retention: RetentionPolicy;
  /** What was seen here, acknowledged to its publisher or not. */
  readonly known: KnownPositions;
  readonly rewindGraceMs: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  readonly damage: DamageLog;
}): RedisTopics {
  /** Since when topics stand before what was seen here. */
  const rewound = new Map<string, number>();

  /** Epochs that were told of topics that did not exist: one that is created here next begins with it. */
  const unborn = new Map<string, string>();
  const takeUnborn = (topic: string): string | undefined => {
    const epoch = unborn.get(topic);
    // Once only: Redis may lose the topic again, and it must not come back in the same epoch.
    unborn.delete(topic);
    return epoch;
  };
  const noteUnborn = (topic: string, epoch: string): void => {
    const [oldest] = unborn.keys();
    if (unborn.size >= MAX_UNBORN && oldest !== undefined) unborn.delete(oldest);
    unborn.set(topic, epoch);
  };

  /** What every script needs to open a topic. */
  const opening = (topic: string): ScriptArguments => {
    const { epoch, offset, chain, ended, ahead } = known.get(topic);
    const isPatient = now() - (rewound.get(topic) ?? now()) < rewindGraceMs;
    return [
      keys.meta(topic),
      keys.stream(topic),
      takeUnborn(topic) ?? newEpoch(),
      epoch,
      offset,
      chain,
      ended,
      EMPTY_TOPIC_TTL_MS,
      ahead.offset,
      ahead.chain,
      isPatient ? 1 : 0,
    ];
  };
  const noteStanding = (topic: string, position: ChainedPosition): void => {
    const seen = known.get(topic);
    if (seen.epoch !== position.epoch || position.offset >= Math.max(seen.offset, seen.ahead.offset))
      rewound.delete(topic);
    else if (!rewound.has(topic)) rewound.set(topic, now());
    known.note(topic, position);
  };

  const positions = async (topics: readonly string[]): Promise<readonly Position[]> => {
    const found: Position[] = [];
    for (let start = 0; start < topics.length; start += POSITIONS_PER_PIPELINE) {
      const asked = topics.slice(start, start + POSITIONS_PER_PIPELINE);
      const replies = await commands.runEach("commcoinPosition", asked.map(opening));
      for (const [index, topic] of asked.entries()) {
        const [error, reply] = replies[index] ?? [new Error("there was no answer"), null];
        if (error !== null) throw unavailable(error);
        const { position, damaged } = readStanding(String(reply));
        noteTopicDamage(damage, topic, damaged);
        noteStanding(topic, position);
        found.push({ epoch: position.epoch, offset: position.offset });
      }
    }
    return found;
  };

  return {
    positions,

    async history(topic, { since, last, limit, until, maxBytes }) {
      const reply = (await orUnavailable(
        commands.runHistory([
          ...opening(topic),
          retention(topic).maxAgeMs,
          since?.epoch ?? "",
          since?.offset ?? "",
          last ?? "",
          limit ?? "",
          until ?? "",
          maxBytes ?? "",
        ]),
      )) as readonly [Buffer, number, Buffer, Buffer, number, number, Buffer, ...Buffer[]];
      const [epochBytes, top, chain, unrecovered, from, to, damaged, ...frames] = reply;
      noteTopicDamage(damage, topic, damaged.toString());
      const epoch = epochBytes.toString();
      if (top < 0) noteUnborn(topic, epoch);
      else noteStanding(topic, { epoch, offset: top, chain: chain.toString() });
      return {
        position: { epoch, offset: Math.max(0, top) },
        deliveries: frames.map((frame, index) => ({ epoch, offset: from + index, frame })),
        unrecovered: unrecovered.length === 0 ? null : (unrecovered.toString() as Unrecovered),
        more: unrecovered.length === 0 && to < top,
      };
    },

    async subscribe(topic, deliver) {
      const subscriber = createSubscriber(deliver);
      const receive = (message: Buffer): void => {
        const live = readLive(message);
        if (live === null) {
          damage.note("live_message", "dropped a message that no broker sent", {
            topic,
            bytes: message.length,
          });
          return;
        }
        const { delivery, before, chain } = live;
        const { epoch, offset } = delivery;
        // What does not follow is of a Redis that took over with less. Every reconnect is followed by a comparison of
        // positions, which begins a new epoch then; until then there is a hole here.
        if (known.follow(topic, { epoch, offset, chain }, before)) subscriber.offer(delivery);
      };
      const leave = await orUnavailable(channels.join(keys.live(topic), receive));
      const end = (): void => {
        subscriber.stop();
        leave();
      };
      try {
        const [position] = await positions([topic]);
        if (position === undefined) throw unavailable("it did not say where the topic stands");
        subscriber.begin(position);
        return { position, unsubscribe: end };
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}
