import type { Position } from "@commcoin/protocol";
import { historyFrame } from "../frames/write-frames.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";
import { BusyError } from "../topics/concurrency-limiter.ts";
import type { Handler } from "./handler.ts";
import { denyTopic } from "./topic-access.ts";

/** Of what may wait for a client, that the messages of one answer may be. */
const ANSWER_SHARE = 1 / 4;

/** What of a topic's past is asked for. */
interface Wanted {
  readonly since: Position | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/**
 * With `since`: what came after it, the oldest first, up to the limit and to as many bytes as fit into one answer; the next
 * page starts after the last of them. Without: the newest.
 */
export const handleHistory: Handler<"history"> = async (context, connection, { id, data }) => {
  const { topic, since, limit } = data;
  const denied = denyTopic(context, connection, topic);
  if (denied !== null) {
    context.refuse(connection, id, denied.code, denied.message);
    return;
  }
  const wanted = { since, limit, maxBytes: context.maxBackpressureBytes * ANSWER_SHARE };
  const answer = async (): Promise<void> => {
    const feed = context.feeds.find(topic);
    const remembered = feed === undefined ? null : fromMemory(feed, wanted);
    if (remembered !== null) {
      const { position, frames } = remembered;
      connection.socket.send(historyFrame(id, { topic, ...position, recovered: true }, frames));
      return;
    }
    const { maxBytes } = wanted;
    const query = since === undefined ? { last: limit, maxBytes } : { since, limit, maxBytes };
    const { position, deliveries, unrecovered } = await context.reads.read(topic, query);
    // Putting an answer together for nobody is work, too.
    if (connection.closed) return;
    const outcome = unrecovered === null ? { recovered: true } : { recovered: false, reason: unrecovered };
    const frames = deliveries.map(({ frame }) => frame);
    connection.socket.send(historyFrame(id, { topic, ...position, ...outcome }, frames));
  };
  try {
    await context.historyQueue.serve(connection, answer);
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    const { maxRequests } = context.historyQueue;
    context.refuse(
      connection,
      id,
      "rate_limited",
      `Too much history is asked for. A connection may have ${maxRequests} requests for it under way; try again later.`,
    );
  }
};

function fromMemory(
  feed: TopicFeed,
  { since, limit, maxBytes }: Wanted,
): { readonly position: Position; readonly frames: readonly Uint8Array[] } | null {
  const plan = feed.planFromMemory(since === undefined ? { last: limit } : { since });
  if (plan === null || (since !== undefined && !plan.state.recovered)) return null;
  const to = Math.min(feed.offset, plan.from + limit - 1);
  const count = Math.max(0, to - plan.from + 1);
  const frames: Uint8Array[] = [];
  let bytes = 0;
  for (let n = 0; n < count; n += 1) {
    // What does not fit is left out at the end; at the beginning, where the newest are wanted.
    const frame = feed.frameAt(since === undefined ? to - n : plan.from + n);
    if (frame === undefined) return null;
    bytes += frame.byteLength;
    if (n > 0 && bytes > maxBytes) break;
    frames.push(frame);
  }
  if (since === undefined) frames.reverse();
  return { position: { epoch: feed.epoch, offset: feed.offset }, frames };
}
