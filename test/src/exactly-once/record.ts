import type { Position } from "@commcoin/protocol";

/** What the broker acknowledged in one life of a topic. */
export interface EpochRecord {
  readonly epoch: string;
  /** The number of the message at each offset. Those that nobody here published are missing. */
  readonly numbers: readonly (number | undefined)[];
}

/** Of each topic, its epochs in the order in which they began. */
export type RecordedTopics = ReadonlyMap<string, readonly EpochRecord[]>;

/** Where the publisher keeps what it was told: the truth that deliveries are compared with. */
export interface PublishedRecord {
  /** A message was acknowledged at a position. */
  note(topic: string, number: number, position: Position): void;
  topics(): RecordedTopics;
  readonly acknowledged: number;
  /** Acknowledgements that cannot all be true: two messages at one position, or one message at two of one epoch. */
  contradictions(): readonly string[];
}

export function createRecord(): PublishedRecord {
  const topics = new Map<string, { epoch: string; numbers: (number | undefined)[] }[]>();
  const places = new Map<string, string>();
  const contradictions: string[] = [];
  let acknowledged = 0;
  return {
    note(topic, number, { epoch, offset }) {
      const epochs = topics.get(topic) ?? [];
      topics.set(topic, epochs);
      let found = epochs.find((each) => each.epoch === epoch);
      if (found === undefined) epochs.push((found = { epoch, numbers: [] }));
      acknowledged += 1;
      const before = found.numbers[offset];
      if (before !== undefined && before !== number) {
        contradictions.push(`${topic}@${epoch}:${offset} was message ${before} and is message ${number}`);
      }
      found.numbers[offset] = number;
      const message = `${topic} ${epoch} ${number}`;
      const place = places.get(message);
      if (place !== undefined && place !== String(offset)) {
        contradictions.push(`message ${number} of ${topic}@${epoch} stands at ${place} and at ${offset}`);
      }
      places.set(message, String(offset));
    },
    topics: () => topics,
    get acknowledged() {
      return acknowledged;
    },
    contradictions: () => contradictions,
  };
}
