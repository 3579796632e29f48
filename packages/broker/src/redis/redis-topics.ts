import type { Position } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import type { Delivery, History, HistoryQuery, TopicSubscription, Unrecovered } from "../broker.ts";
import { newEpoch } from "../epoch.ts";
import type { RetentionPolicy } from "../retention.ts";
import { createSubscriber } from "../subscriber.ts";
import type { Channels } from "./channels.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import type { KnownPositions } from "./known-positions.ts";
import { readLive } from "./live-header.ts";
import { readPosition } from "./position-text.ts";
import type { ScriptArguments } from "./scripts.ts";
import { EMPTY_TOPIC_TTL_MS } from "./ttl.ts";
import { orUnavailable, unavailable } from "./unavailable.ts";

/** Questions in one write. */
const POSITIONS_PER_PIPELINE = 1_000;

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
  logger,
}: {
  readonly commands: Commands;
  readonly channels: Channels;
  readonly keys: Keys;
  readonly retention: RetentionPolicy;
  readonly known: KnownPositions;
  readonly logger: Logger;
}): RedisTopics {
  /** What every script needs to open a topic. */
  const opening = (topic: string): ScriptArguments => {
    const { epoch, offset } = known.get(topic);
    return [keys.meta(topic), keys.stream(topic), newEpoch(), epoch, offset, EMPTY_TOPIC_TTL_MS];
  };

  const positions = async (topics: readonly string[]): Promise<readonly Position[]> => {
    const found: Position[] = [];
    for (let start = 0; start < topics.length; start += POSITIONS_PER_PIPELINE) {
      const asked = topics.slice(start, start + POSITIONS_PER_PIPELINE);
      for (const [error, reply] of await commands.runEach("commcoinPosition", asked.map(opening))) {
        if (error !== null) throw unavailable(error);
        found.push(readPosition(String(reply)));
      }
    }
    return found;
  };

  return {
    positions,

    async history(topic, { since, last, limit }) {
      const reply = (await orUnavailable(
        commands.runBuffer("commcoinHistory", [
          ...opening(topic),
          retention(topic).maxAgeMs,
          since?.epoch ?? "",
          since?.offset ?? "",
          last ?? "",
          limit ?? "",
        ]),
      )) as readonly [Buffer, number, Buffer, number, number, ...Buffer[]];
      const [epochBytes, top, unrecovered, from, to, ...frames] = reply;
      const epoch = epochBytes.toString();
      return {
        position: { epoch, offset: top },
        deliveries: frames.map((frame, index) => ({ epoch, offset: from + index, frame })),
        unrecovered: unrecovered.length === 0 ? null : (unrecovered.toString() as Unrecovered),
        more: unrecovered.length === 0 && to < top,
      };
    },

    async subscribe(topic, deliver) {
      const subscriber = createSubscriber(deliver);
      const receive = (message: Buffer): void => {
        const delivery = readLive(message);
        if (delivery === null) {
          logger.warn({ topic, bytes: message.length }, "dropped a message that no broker sent");
          return;
        }
        known.note(topic, delivery.epoch, delivery.offset);
        subscriber.offer(delivery);
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
