import type { Position } from "@commcoin/protocol";

/** Enough for every topic that a busy service touches within minutes. */
const MAX_TOPICS = 20_000;
/** A topic ends an epoch where Redis lost data; two servers that each lost some may bring back an earlier one. */
const MAX_ENDED_EPOCHS = 4;

/** A position, and the digest of all messages up to it; empty where nothing was published. */
export interface ChainedPosition extends Position {
  readonly chain: string;
}

export interface KnownPosition extends ChainedPosition {
  /** The epochs before this one that are known here, between spaces. A topic must not go on in one of them. */
  readonly ended: string;
}

/**
 * The newest position of each topic that this process has seen with its own eyes. Scripts are told of it, so that a Redis
 * that came back with an older state, or with other messages at the same offsets, is found out.
 */
export interface KnownPositions {
  /**
   * Redis said where a topic stands; whether that fits what was known before, the script has looked at. Answers of an epoch
   * that has ended come late and mean nothing; an epoch without a message proves nothing, and ends none.
   */
  note(topic: string, position: ChainedPosition): void;
  /**
   * A live message came, after the one with the chain `before`.
   * @returns false when it does not follow what was seen here, or is of an epoch that has ended: Redis has lost what was
   * seen, and given its offset to another message. Asking for the topic's position or history then begins a new epoch.
   */
  follow(topic: string, message: ChainedPosition, before: string): boolean;
  get(topic: string): KnownPosition;
}

const NOWHERE: KnownPosition = { epoch: "", offset: 0, chain: "", ended: "" };

const endedWith = ({ ended, epoch }: KnownPosition): string =>
  [...ended.split(" "), epoch]
    .filter((each) => each !== "")
    .slice(-MAX_ENDED_EPOCHS)
    .join(" ");

export function createKnownPositions(): KnownPositions {
  const positions = new Map<string, KnownPosition>();
  const get = (topic: string): KnownPosition => positions.get(topic) ?? NOWHERE;
  const set = (topic: string, { epoch, offset, chain }: ChainedPosition, ended: string): void => {
    positions.set(topic, { epoch, offset, chain, ended });
    if (positions.size <= MAX_TOPICS) return;
    const [oldest] = positions.keys();
    if (oldest !== undefined) positions.delete(oldest);
  };
  return {
    note(topic, position) {
      const known = get(topic);
      if (known.epoch === position.epoch) {
        if (position.offset >= known.offset) set(topic, position, known.ended);
      } else if (known.offset === 0) {
        set(topic, position, known.ended);
      } else if (position.offset > 0 && !known.ended.includes(position.epoch)) {
        set(topic, position, endedWith(known));
      }
    },
    follow(topic, message, before) {
      const known = get(topic);
      if (known.epoch !== message.epoch) return !known.ended.includes(message.epoch);
      // Behind a hole nothing can be said: history, which fills it, compares.
      if (message.offset < known.offset || message.offset > known.offset + 1) return true;
      if (message.offset === known.offset) return known.chain === message.chain;
      if (known.chain !== before) return false;
      set(topic, message, known.ended);
      return true;
    },
    get,
  };
}
