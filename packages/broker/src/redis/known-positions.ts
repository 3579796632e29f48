import type { Position } from "@commcoin/protocol";

/** Enough for every topic that a busy service touches within minutes. */
const MAX_TOPICS = 20_000;

/** A position, and the digest of all messages up to it; empty where nothing was published. */
export interface ChainedPosition extends Position {
  readonly chain: string;
}

/**
 * The newest position of each topic that this process has seen with its own eyes. Scripts are told of it, so that a Redis
 * that came back with an older state, or with other messages at the same offsets, is found out.
 */
export interface KnownPositions {
  /** Redis said where a topic stands; whether that fits what was known before, the script has looked at. */
  note(topic: string, position: ChainedPosition): void;
  /**
   * A live message came, after the one with the chain `before`.
   * @returns false when it does not follow what was seen here: Redis has lost that, and given its offset to another message.
   * Asking for the topic's position or history then begins a new epoch.
   */
  follow(topic: string, message: ChainedPosition, before: string): boolean;
  get(topic: string): ChainedPosition;
}

const NOWHERE: ChainedPosition = { epoch: "", offset: 0, chain: "" };

export function createKnownPositions(): KnownPositions {
  const positions = new Map<string, ChainedPosition>();
  const get = (topic: string): ChainedPosition => positions.get(topic) ?? NOWHERE;
  return {
    note(topic, position) {
      const known = positions.get(topic);
      if (known !== undefined && known.epoch === position.epoch && known.offset > position.offset) return;
      positions.set(topic, position);
      if (known !== undefined || positions.size <= MAX_TOPICS) return;
      const [oldest] = positions.keys();
      if (oldest !== undefined) positions.delete(oldest);
    },
    follow(topic, message, before) {
      const { epoch, offset, chain } = get(topic);
      // Behind a hole nothing can be said: history, which fills it, compares.
      if (epoch !== message.epoch || message.offset < offset || message.offset > offset + 1) return true;
      if (message.offset === offset) return chain === message.chain;
      if (chain !== before) return false;
      positions.set(topic, message);
      return true;
    },
    get,
  };
}
