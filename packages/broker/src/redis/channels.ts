// Named imports: fake timers of a test replace the global functions, and these must still run.
import { setImmediate } from "node:timers";
import type { Redis } from "ioredis";

/** Channels in one SUBSCRIBE: keeps single commands short when thousands are joined. */
const CHANNELS_PER_COMMAND = 512;
/** A channel that nobody needs any more is kept for a moment: pages that are reloaded would make it flap. */
const LEAVE_AFTER_MS = 1_000;

/** The channels that this process listens to, on one connection of its own. */
export interface Channels {
  /**
   * Listens to a channel. Resolves once nothing sent to it afterwards can be missed.
   * @returns a function that ends it.
   */
  join(channel: string, handle: (message: Buffer) => void): Promise<() => void>;
  /** Whether all channels are subscribed to again that were when the connection broke. */
  complete(): boolean;
  /** Tries again what failed. */
  repair(): void;
  close(): void;
}

interface Channel {
  readonly handlers: Set<(message: Buffer) => void>;
  /** Settles with the answer to the SUBSCRIBE that is under way; null when none is. */
  joining: Promise<void> | null;
  joined: boolean;
  leaving: NodeJS.Timeout | null;
}

/** @param changed is called when `complete` may have changed. */
export function createChannels(redis: Redis, changed: () => void): Channels {
  const channels = new Map<string, Channel>();
  /** Were subscribed to when the connection broke, and are not yet again. */
  const lost = new Set<string>();
  let toJoin: string[] = [];
  let joined: Promise<void> | null = null;
  let closed = false;

  const sendJoin = async (names: readonly string[]): Promise<void> => {
    const commands: Promise<unknown>[] = [];
    for (let start = 0; start < names.length; start += CHANNELS_PER_COMMAND) {
      commands.push(redis.subscribe(...names.slice(start, start + CHANNELS_PER_COMMAND)));
    }
    await Promise.all(commands);
  };
  /** All joins of one turn of the event loop share a command. */
  const joinSoon = (name: string): Promise<void> => {
    toJoin.push(name);
    joined ??= new Promise((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      const names = toJoin;
      toJoin = [];
      joined = null;
      return sendJoin(names);
    });
    return joined;
  };
  const ensureJoined = (name: string, channel: Channel): Promise<void> => {
    if (channel.joined) return Promise.resolve();
    if (channel.joining !== null) return channel.joining;
    const joining = joinSoon(name).then(
      () => {
        if (channel.joining !== joining) return;
        channel.joining = null;
        channel.joined = true;
        if (lost.delete(name) && lost.size === 0) changed();
      },
      (error: unknown) => {
        if (channel.joining === joining) channel.joining = null;
        throw error;
      },
    );
    channel.joining = joining;
    return joining;
  };
  const leave = (name: string, channel: Channel): void => {
    channels.delete(name);
    if (lost.delete(name) && lost.size === 0) changed();
    if (channel.joined) redis.unsubscribe(name).catch(() => {});
  };
  const leaveLater = (name: string, channel: Channel): void => {
    if (closed || channel.handlers.size > 0 || channel.leaving !== null) return;
    channel.leaving = setTimeout(() => leave(name, channel), LEAVE_AFTER_MS);
  };
  const repair = (): void => {
    if (redis.status !== "ready") return;
    for (const name of lost) {
      const channel = channels.get(name);
      if (channel !== undefined) ensureJoined(name, channel).catch(() => {});
    }
  };

  redis.on("messageBuffer", (channel: Buffer, message: Buffer) => {
    const handlers = channels.get(channel.toString())?.handlers;
    if (handlers === undefined) return;
    for (const handle of handlers) handle(message);
  });
  redis.on("close", () => {
    for (const [name, channel] of channels) {
      if (channel.joined) lost.add(name);
      channel.joined = false;
      channel.joining = null;
    }
  });
  redis.on("ready", repair);

  return {
    async join(name, handle) {
      const channel = channels.get(name) ?? {
        handlers: new Set(),
        joining: null,
        joined: false,
        leaving: null,
      };
      channels.set(name, channel);
      if (channel.leaving !== null) clearTimeout(channel.leaving);
      channel.leaving = null;
      channel.handlers.add(handle);
      const end = (): void => {
        if (channel.handlers.delete(handle)) leaveLater(name, channel);
      };
      try {
        await ensureJoined(name, channel);
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
    complete: () => lost.size === 0,
    repair,
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
