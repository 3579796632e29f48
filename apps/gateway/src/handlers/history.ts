import type { Position } from "@commcoin/protocol";
import { historyFrame } from "../frames.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";
import type { Handler } from "./handler.ts";
import { denyTopic } from "./topic-access.ts";

/**
 * With `since`: what came after it, the oldest first, up to the limit; the next page starts after the last of them.
 * Without: the newest.
 */
export const handleHistory: Handler<"history"> = async (context, connection, { id, data }) => {
  const { topic, since, limit } = data;
  const denied = denyTopic(context, connection, topic);
  if (denied !== null) {
    context.refuse(connection, id, denied.code, denied.message);
    return;
  }
  const feed = context.feeds.find(topic);
  const remembered = feed === undefined ? null : fromMemory(feed, since, limit);
  if (remembered !== null) {
    connection.socket.send(
      historyFrame(id, { topic, ...remembered.position, recovered: true }, remembered.frames),
    );
    return;
  }
  const query = since === undefined ? { last: limit } : { since, limit };
  const { position, deliveries, unrecovered } = await context.feeds.history(topic, query);
  const outcome = unrecovered === null ? { recovered: true } : { recovered: false, reason: unrecovered };
  const frames = deliveries.map(({ frame }) => frame);
  connection.socket.send(historyFrame(id, { topic, ...position, ...outcome }, frames));
};

function fromMemory(
  feed: TopicFeed,
  since: Position | undefined,
  limit: number,
): { readonly position: Position; readonly frames: readonly Uint8Array[] } | null {
  const plan = feed.plan(since === undefined ? { last: limit } : { since });
  if (plan === null || (since !== undefined && !plan.state.recovered)) return null;
  const frames: Uint8Array[] = [];
  for (let offset = plan.from; offset <= feed.offset && frames.length < limit; offset += 1) {
    const frame = feed.frameAt(offset);
    if (frame === undefined) return null;
    frames.push(frame);
  }
  return { position: { epoch: feed.epoch, offset: feed.offset }, frames };
}
