import type { Delivery } from "../broker.ts";

const LINE_FEED = 0x0a;

/**
 * Cuts what a topic's channel carries, `<epoch>:<offset>` and a line feed before the frame, without looking into the frame
 * or copying it. Null when it is something else.
 */
export function readLive(message: Buffer): Delivery | null {
  const end = message.indexOf(LINE_FEED);
  if (end < 0) return null;
  const header = message.toString("latin1", 0, end);
  const colon = header.indexOf(":");
  const offset = Number(header.slice(colon + 1));
  if (colon < 1 || !Number.isSafeInteger(offset) || offset < 1) return null;
  return { epoch: header.slice(0, colon), offset, frame: message.subarray(end + 1) };
}
