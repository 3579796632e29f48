import type { Redis } from "ioredis";
import type { RedisAddress } from "@commcoin/service/config";
import { nameOf, type HostAndPort } from "./cluster-map.ts";

/**
 * One Redis that takes writes, with a connection for commands, one for subscriptions, and one for history: an answer of
 * many bytes would keep what is asked after it waiting.
 */
export interface RedisNode {
  /** `host:port`. */
  readonly name: string;
  readonly commands: Redis;
  readonly subscriptions: Redis;
  readonly history: Redis;
}

export const connectionsOf = ({ commands, subscriptions, history }: RedisNode): readonly Redis[] => [
  commands,
  subscriptions,
  history,
];

/** The Redis, or the masters of a cluster, that the broker works with. */
export interface Nodes {
  /** Whether keys and channels are spread over slots, and channels are those of the sharded kind. */
  readonly sharded: boolean;
  open(): void;
  all(): readonly RedisNode[];
  /** The node that holds a slot; null while none is known to. */
  at(slot: number): RedisNode | null;
  /** Looks anew who holds what; to be called when a node says that it does not. Never rejects. */
  refresh(): Promise<void>;
  /** What is wrong beside connections; null when nothing is. */
  problem(): string | null;
  close(): void;
}

/** Opens connections; each is attached to whoever watches them. */
export type Connect = (
  role: "commands" | "subscriptions" | "history" | "scout",
  at: HostAndPort | null,
) => Redis;

export function createNode(name: string, connect: Connect, at: HostAndPort | null): RedisNode {
  return {
    name,
    commands: connect("commands", at),
    subscriptions: connect("subscriptions", at),
    history: connect("history", at),
  };
}

/** One Redis, or the one that sentinels name at present: it holds everything. */
export function createSingleNode(address: RedisAddress, connect: Connect): Nodes {
  const [host] = address.hosts;
  const node = createNode(host === undefined ? "" : nameOf(host), connect, null);
  return {
    sharded: false,
    open() {
      for (const redis of connectionsOf(node)) redis.connect().catch(() => {});
    },
    all: () => [node],
    at: () => node,
    refresh: () => Promise.resolve(),
    problem: () => null,
    close() {
      for (const redis of connectionsOf(node)) redis.disconnect();
    },
  };
}
