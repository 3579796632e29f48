import { z } from "zod";
import { messageData, type MessageType } from "./messages/message.ts";
import { offset } from "./position.ts";
import { timestampMs } from "./scalars.ts";
import { topic } from "./topic.ts";

/**
 * Identifies an event whoever published it, for example `<signature>:<n>:<type>`: the same thing that happened
 * has the same id.
 */
export const eventId = z.string().min(1).max(200);

const eventFrameOf = <Type extends MessageType>(type: Type) =>
  z.object({
    type: z.literal(type),
    topic,
    offset: offset.min(1),
    id: eventId,
    ts: timestampMs.describe("When it was published, Unix milliseconds"),
    data: messageData[type],
  });

/** A message as a client receives it. */
export const eventFrame = z.discriminatedUnion("type", [
  eventFrameOf("TokenCreated"),
  eventFrameOf("TokenPriceUpdate"),
  eventFrameOf("TransactionUpdate"),
  eventFrameOf("MarketData"),
  eventFrameOf("Notification"),
  eventFrameOf("UserActivity"),
]);
export type EventFrame = z.infer<typeof eventFrame>;

/**
 * What precedes the offset in an event frame. A publisher writes head and tail, and the broker puts the decimal digits of
 * the offset between them: a frame is encoded once, and no server in between needs to understand it.
 */
export const eventFrameHead = ({ type, topic }: { readonly type: string; readonly topic: string }): string =>
  `{"type":${JSON.stringify(type)},"topic":${JSON.stringify(topic)},"offset":`;

/**
 * What follows the offset, for every topic the same; see `eventFrameHead`.
 * @param event.dataJson the message's data, already JSON.
 */
export const eventFrameTail = (event: {
  readonly id: string;
  readonly ts: number;
  readonly dataJson: string;
}): string => `,"id":${JSON.stringify(event.id)},"ts":${event.ts},"data":${event.dataJson}}`;
