import type { Delivery } from "../broker.ts";

const LINE_FEED = 0x0a;
const [OPENING_BRACE, CLOSING_BRACE] = [0x7b, 0x7d];
const HEADER = /^([^:]+):(\d{1,15}):([^:]*):([^:]+)$/;

/** A delivery with the digests of everything before it and of everything up to it. */
export interface LiveMessage {
  readonly delivery: Delivery;
  readonly before: string;
  readonly chain: string;
}

/**
 * Cuts what a topic's channel carries, `<epoch>:<offset>:<chain before>:<chain>` and a line feed before the frame, without
 * copying the frame or looking further into it than to see that it is all there. Null when it is something else.
 */
export function readLive(message: Buffer): LiveMessage | null {
  const end = message.indexOf(LINE_FEED);
  if (end < 0 || message[end + 1] !== OPENING_BRACE || message.at(-1) !== CLOSING_BRACE) return null;
  const [, epoch, digits, before, chain] = HEADER.exec(message.toString("latin1", 0, end)) ?? [];
  const offset = Number(digits);
  if (epoch === undefined || before === undefined || chain === undefined || offset < 1) return null;
  return { delivery: { epoch, offset, frame: message.subarray(end + 1) }, before, chain };
}
