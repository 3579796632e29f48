import { setTimeout as delay } from "node:timers/promises";
import { isRedirect, noNode, REDIRECT_PAUSE_MS, REDIRECT_TIMEOUT_MS } from "./commands.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import { slotOf } from "./slot.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

/** A channel that nobody needs any more is kept for a moment: pages that are reloaded would make it flap. */
const LEAVE_AFTER_MS = 1_000;

/** The channels that this process listens to, each on the node that holds its slot. */
export interface Channels {
  /**
   * Listens to a channel. Resolves once nothing sent to it afterwards can be missed.
   * @returns a function that ends it.
   */
  join(channel: string, handle: (message: Buffer) => void): Promise<() => void>;
  /** Whether all channels are subscribed to again that were when a connection broke or a slot moved. */
  complete(): boolean;
  /** Looks after channels that are lost, or that another node holds by now. */
  repair(): void;
  /** What a node's connection listens to, for who wants to prove that it does. */
  subscriptionsOf(node: RedisNode): Subscriptions;
  close(): void;
}

interface Channel {
  readonly name: string;
  readonly slot: number;
  readonly handlers: Set<(message: Buffer) => void>;
  /** Settles when it is joined, or failed to; null when neither is under way. */
  joining: Promise<void> | null;
  /** Where it is joined. */
  node: RedisNode | null;
  leaving: NodeJS.Timeout | null;
}

/**
 * @param changed is called when `complete` may have changed.
 * @param lost is called when a node's connection lost its channels.
 * @param unknown is called when something came on a channel that nobody joined here.
 */
export function createChannels(
  nodes: Nodes,
  {
    changed,
    lost: nodeLost,
    unknown,
  }: {
    readonly changed: () => void;
    readonly lost: (node: RedisNode) => void;
    readonly unknown: () => void;
  },
): Channels {
  const channels = new Map<string, Channel>();
  const byNode = new WeakMap<RedisNode, Subscriptions>();
  /** Were joined, and are not at present. */
  const lost = new Set<Channel>();
  let closed = false;

  const deliver = (name: Buffer, message: Buffer): void => {
    const channel = channels.get(name.toString());
    if (channel === undefined) unknown();
    else for (const handle of channel.handlers) handle(message);
  };
  const lose = (channel: Channel): void => {
    channel.node = null;
    lost.add(channel);
  };
  const found = (channel: Channel): void => {
    if (lost.delete(channel) && lost.size === 0) changed();
  };
  const subscriptionsOf = (node: RedisNode): Subscriptions => {
    const existing = byNode.get(node);
    if (existing !== undefined) return existing;
    const created = createSubscriptions({
      redis: node.subscriptions,
      sharded: nodes.sharded,
      deliver,
      lost() {
        for (const channel of channels.values()) if (channel.node === node) lose(channel);
        nodeLost(node);
        changed();
        if (node.subscriptions.status === "ready") void nodes.refresh().then(repair);
      },
    });
    byNode.set(node, created);
    node.subscriptions.on("ready", repair);
    return created;
  };

  const joinSomewhere = async (channel: Channel): Promise<void> => {
    const deadline = performance.now() + REDIRECT_TIMEOUT_MS;
    for (;;) {
      const node = nodes.at(channel.slot);
      if (node === null) throw noNode();
      const subscriptions = subscriptionsOf(node);
      try {
        await subscriptions.add(channel.name);
        if (!channels.has(channel.name)) subscriptions.remove(channel.name);
        if (nodes.at(channel.slot) === node) {
          channel.node = node;
          return;
        }
      } catch (error) {
        if (!isRedirect(error) || closed) throw error;
      }
      if (performance.now() > deadline) throw noNode();
      await delay(REDIRECT_PAUSE_MS);
      await nodes.refresh();
    }
  };
  const ensureJoined = (channel: Channel): Promise<void> => {
    if (channel.node !== null) return Promise.resolve();
    channel.joining ??= joinSomewhere(channel).then(
      () => {
        channel.joining = null;
        found(channel);
      },
      (error: unknown) => {
        channel.joining = null;
        throw error;
      },
    );
    return channel.joining;
  };
  const leave = (channel: Channel): void => {
    channels.delete(channel.name);
    found(channel);
    if (channel.node !== null) subscriptionsOf(channel.node).remove(channel.name);
  };
  const leaveLater = (channel: Channel): void => {
    if (closed || channel.handlers.size > 0 || channel.leaving !== null) return;
    channel.leaving = setTimeout(() => leave(channel), LEAVE_AFTER_MS);
  };
  const repair = (): void => {
    for (const channel of channels.values()) {
      if (channel.node !== null && nodes.at(channel.slot) !== channel.node) lose(channel);
    }
    if (lost.size > 0) changed();
    for (const channel of lost) {
      if (nodes.at(channel.slot)?.subscriptions.status === "ready") ensureJoined(channel).catch(() => {});
    }
  };

  return {
    async join(name, handle) {
      const channel = channels.get(name) ?? {
        name,
        slot: nodes.sharded ? slotOf(name) : 0,
        handlers: new Set(),
        joining: null,
        node: null,
        leaving: null,
      };
      channels.set(name, channel);
      if (channel.leaving !== null) clearTimeout(channel.leaving);
      channel.leaving = null;
      channel.handlers.add(handle);
      const end = (): void => {
        if (channel.handlers.delete(handle)) leaveLater(channel);
      };
      try {
        await ensureJoined(channel);
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
    complete: () => lost.size === 0,
    repair,
    subscriptionsOf,
    close() {
      closed = true;
      for (const { leaving } of channels.values()) {
        if (leaving !== null) clearTimeout(leaving);
      }
      channels.clear();
      lost.clear();
    },
  };
}
