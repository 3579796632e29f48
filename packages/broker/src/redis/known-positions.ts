import type { Position } from "@commcoin/protocol";

/** Enough for every topic that a busy service touches within minutes. */
const MAX_TOPICS = 20_000;

/**
 * The newest position of each topic that this process has seen with its own eyes. Scripts are told of it, so that a Redis
 * that came back with an older state is found out.
 */
export interface KnownPositions {
  note(topic: string, epoch: string, offset: number): void;
  get(topic: string): Position;
}

const NOWHERE: Position = { epoch: "", offset: 0 };

export function createKnownPositions(): KnownPositions {
  const positions = new Map<string, { epoch: string; offset: number }>();
  return {
    note(topic, epoch, offset) {
      const known = positions.get(topic);
      if (known === undefined) {
        positions.set(topic, { epoch, offset });
        if (positions.size > MAX_TOPICS) {
          const [oldest] = positions.keys();
          if (oldest !== undefined) positions.delete(oldest);
        }
      } else if (known.epoch !== epoch || known.offset < offset) {
        known.epoch = epoch;
        known.offset = offset;
      }
    },
    get: (topic) => positions.get(topic) ?? NOWHERE,
  };
}
