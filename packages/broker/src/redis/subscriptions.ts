// Named import: fake timers of a test replace the global function, and this one must still run.
import { setImmediate } from "node:timers";
import { groupBy } from "./group-by.ts";
import { isRedirect } from "./commands.ts";
import type { RedisNode } from "./nodes.ts";
import { slotOf } from "./slot.ts";

/** Channels in one SUBSCRIBE: keeps single commands short when thousands are joined. */
const CHANNELS_PER_COMMAND = 512;

/** The channels that one connection listens to. */
export interface Subscriptions {
  /** Listens to a channel. Resolves once nothing sent to it afterwards can be missed. */
  add(channel: string): Promise<void>;
  remove(channel: string): void;
  /** How many messages came in so far. */
  received(): number;
}

interface Joining {
  readonly channel: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param deliver is called with every message.
 * @param lost is called when none of the channels can be relied on any more: the connection broke, or the node let go of
 * some because their slot moved.
 */
export function createSubscriptions({
  redis,
  sharded,
  deliver,
  lost,
}: {
  readonly redis: RedisNode["subscriptions"];
  readonly sharded: boolean;
  readonly deliver: (channel: Buffer, message: Buffer) => void;
  readonly lost: () => void;
}): Subscriptions {
  let waiting: Joining[] = [];
  let leaving: string[] = [];
  let received = 0;
  /** Told by the client as `moved`: a refused SSUBSCRIBE, or channels that the node let go of by itself. */
  let moves = 0;

  const send = (joining: readonly Joining[]): void => {
    const names = joining.map(({ channel }) => channel);
    (sharded ? redis.ssubscribe(...names) : redis.subscribe(...names)).then(
      () => {
        for (const { resolve } of joining) resolve();
      },
      (error: unknown) => {
        if (sharded && isRedirect(error)) moves -= 1;
        for (const { reject } of joining) reject(error);
      },
    );
  };
  /** All of one turn of the event loop share commands; a sharded one may name channels of one slot only. */
  const inCommands = <Item>(
    items: readonly Item[],
    channelOf: (item: Item) => string,
    command: (items: readonly Item[]) => void,
  ): void => {
    for (const group of groupBy(items, (item) => (sharded ? slotOf(channelOf(item)) : 0)).values()) {
      for (let start = 0; start < group.length; start += CHANNELS_PER_COMMAND) {
        command(group.slice(start, start + CHANNELS_PER_COMMAND));
      }
    }
  };
  const leave = (channels: readonly string[]): void => {
    (sharded ? redis.sunsubscribe(...channels) : redis.unsubscribe(...channels)).catch(() => {});
  };
  /** Channels are left first: one that is joined again right after it was left is joined in the end. */
  const flush = (): void => {
    const [left, joining] = [leaving, waiting];
    leaving = [];
    waiting = [];
    inCommands(left, (channel) => channel, leave);
    inCommands(joining, ({ channel }) => channel, send);
  };
  const flushSoon = (): void => {
    if (waiting.length === 0 && leaving.length === 0) setImmediate(flush);
  };

  redis.on(sharded ? "smessageBuffer" : "messageBuffer", (channel: Buffer, message: Buffer) => {
    received += 1;
    deliver(channel, message);
  });
  redis.on("close", lost);
  redis.on("moved", () => {
    moves += 1;
    if (moves > 1) return;
    setImmediate(() => {
      if (moves > 0) lost();
      moves = 0;
    });
  });
  return {
    add(channel) {
      return new Promise((resolve, reject) => {
        flushSoon();
        waiting.push({ channel, resolve, reject });
      });
    },
    remove(channel) {
      flushSoon();
      leaving.push(channel);
    },
    received: () => received,
  };
}
