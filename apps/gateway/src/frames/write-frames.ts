import type {
  authenticated,
  connected,
  errorFrame,
  historyReply,
  pong,
  reset,
  subscribed,
  unsubscribed,
} from "@commcoin/protocol";
import type { degraded, ErrorCode, RequestId, restored } from "@commcoin/protocol";
import type { z } from "zod";

type DataOf<Schema extends z.ZodType<{ data: unknown }>> = z.infer<Schema>["data"];

const reply = (type: string, id: RequestId | undefined, data: object): string =>
  JSON.stringify(id === undefined ? { type, data } : { type, id, data });

export const connectedFrame = (data: DataOf<typeof connected>): string => reply("connected", undefined, data);

export const authenticatedFrame = (id: RequestId | undefined, data: DataOf<typeof authenticated>): string =>
  reply("authenticated", id, data);

export const subscribedFrame = (id: RequestId | undefined, data: DataOf<typeof subscribed>): string =>
  reply("subscribed", id, data);

export const unsubscribedFrame = (id: RequestId | undefined, data: DataOf<typeof unsubscribed>): string =>
  reply("unsubscribed", id, data);

export const pongFrame = (id: RequestId | undefined, data: DataOf<typeof pong>): string =>
  reply("pong", id, data);

export const errorReply = (id: RequestId | undefined, code: ErrorCode, message: string): string =>
  reply("error", id, { code, message } satisfies DataOf<typeof errorFrame>);

export const resetFrame = (data: DataOf<typeof reset>): string => reply("reset", undefined, data);

/** What exactly is wrong is the operators' business: addresses of servers, and their own words, are not told to clients. */
export const BROKER_AWAY = "The message broker cannot be reached at the moment.";

export const degradedFrame = (): string =>
  reply("degraded", undefined, { reason: BROKER_AWAY } satisfies DataOf<typeof degraded>);

export const restoredFrame = (data: DataOf<typeof restored>): string => reply("restored", undefined, data);

/** The event frames go in as they are: they are JSON already. */
export function historyFrame(
  id: RequestId | undefined,
  data: Omit<DataOf<typeof historyReply>, "messages">,
  frames: readonly Uint8Array[],
): string {
  const messages = frames.map((frame) =>
    Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString(),
  );
  // The text ends with the braces of `data` and of the frame.
  return `${reply("history", id, data).slice(0, -2)},"messages":[${messages.join(",")}]}}`;
}
