import type { Position } from "@commcoin/protocol";
import { createRecentlyUsed } from "./recently-used.ts";

/** Enough for every topic that a busy service touches within minutes, twice. */
const MAX_TOPICS = 20_000;
/** A topic ends an epoch where Redis lost data; two servers that each lost some may bring back an earlier one. */
const MAX_ENDED_EPOCHS = 4;

/** A position, and the digest of all messages up to it; empty where nothing was published. */
export interface ChainedPosition extends Position {
  readonly chain: string;
}

/** Where a topic stood when it was last looked at. */
export interface KnownPosition extends ChainedPosition {
  /** What came live behind a hole after that, in the same epoch; at 0 when nothing did. */
  readonly ahead: { readonly offset: number; readonly chain: string };
  /** The epochs before this one that are known here, between spaces. A topic must not go on in one of them. */
  readonly ended: string;
}

/**
 * The newest positions of each topic that this process has seen with its own eyes. Scripts are told of them, so that a Redis
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

/** Messages that came one after the other, behind a hole or before it is known where the topic stands. */
interface Run {
  readonly epoch: string;
  readonly first: number;
  offset: number;
  chain: string;
}

interface Entry {
  epoch: string;
  offset: number;
  chain: string;
  ended: string;
  run: Run | null;
}

const NOWHERE: KnownPosition = {
  epoch: "",
  offset: 0,
  chain: "",
  ahead: { offset: 0, chain: "" },
  ended: "",
};

function move(entry: Entry, { epoch, offset, chain }: ChainedPosition): void {
  if (entry.epoch !== epoch && entry.offset > 0) {
    const ended = entry.ended === "" ? [entry.epoch] : [...entry.ended.split(" "), entry.epoch];
    entry.ended = ended.slice(-MAX_ENDED_EPOCHS).join(" ");
  }
  entry.epoch = epoch;
  entry.offset = offset;
  entry.chain = chain;
  const { run } = entry;
  if (run === null || (run.epoch === epoch && run.first > offset + 1)) return;
  entry.run = null;
  if (run.epoch !== epoch || run.offset <= offset) return;
  entry.offset = run.offset;
  entry.chain = run.chain;
}

/** @returns whether the message fits the run; one that is ahead of the run begins another. */
function extend(entry: Entry, { epoch, offset, chain }: ChainedPosition, before: string): boolean {
  const { run } = entry;
  if (run === null || run.epoch !== epoch || offset > run.offset + 1) {
    entry.run = { epoch, first: offset, offset, chain };
    return true;
  }
  if (offset < run.offset) return true;
  if (offset === run.offset) return chain === run.chain;
  if (run.chain !== before) return false;
  run.offset = offset;
  run.chain = chain;
  return true;
}

export function createKnownPositions(): KnownPositions {
  const entries = createRecentlyUsed<Entry>(MAX_TOPICS, () => ({
    epoch: "",
    offset: 0,
    chain: "",
    ended: "",
    run: null,
  }));
  return {
    note(topic, position) {
      const entry = entries.take(topic);
      const { epoch, offset, ended } = entry;
      if (epoch === position.epoch) {
        if (position.offset >= offset) move(entry, position);
      } else if (offset === 0 || (position.offset > 0 && !ended.includes(position.epoch))) {
        move(entry, position);
      }
    },
    follow(topic, message, before) {
      const entry = entries.take(topic);
      const { epoch, offset, chain, ended } = entry;
      if (epoch !== message.epoch) {
        if (ended.includes(message.epoch)) return false;
        // The first message of an epoch has none before it.
        if (before !== "") return extend(entry, message, before);
        move(entry, message);
        return true;
      }
      if (message.offset < offset) return true;
      if (message.offset === offset) return message.chain === chain;
      if (message.offset > offset + 1) return extend(entry, message, before);
      if (chain !== before) return false;
      move(entry, message);
      return true;
    },
    get(topic) {
      const entry = entries.find(topic);
      if (entry === undefined) return NOWHERE;
      const { epoch, offset, chain, ended, run } = entry;
      const ahead = run?.epoch === epoch ? { offset: run.offset, chain: run.chain } : NOWHERE.ahead;
      return { epoch, offset, chain, ended, ahead };
    },
  };
}
