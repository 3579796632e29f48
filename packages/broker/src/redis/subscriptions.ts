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
  /** All joins of one turn of the event loop share commands; a sharded one may name channels of one slot only. */
  const flush = (): void => {
    const groups = groupBy(waiting, ({ channel }) => (sharded ? slotOf(channel) : 0));
    waiting = [];
    for (const group of groups.values()) {
      for (let start = 0; start < group.length; start += CHANNELS_PER_COMMAND) {
        send(group.slice(start, start + CHANNELS_PER_COMMAND));
      }
    }
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
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ channel, resolve, reject });
      });
    },
    remove(channel) {
      (sharded ? redis.sunsubscribe(channel) : redis.unsubscribe(channel)).catch(() => {});
    },
    received: () => received,
  };
}
