import type { DownFrame, EventFrame } from "@commcoin/protocol";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isStanding = (value: unknown): value is Json =>
  isObject(value) &&
  typeof value["topic"] === "string" &&
  typeof value["epoch"] === "string" &&
  isOffset(value["offset"]);

/** What the state machine relies on, per frame type. */
const CHECKS: Readonly<Record<string, (data: Json) => boolean>> = {
  connected: (data) =>
    typeof data["server_id"] === "string" &&
    typeof data["heartbeat_interval"] === "number" &&
    data["heartbeat_interval"] > 0 &&
    Array.isArray(data["subscriptions"]) &&
    data["subscriptions"].every(isStanding),
  subscribed: isStanding,
  reset: isStanding,
  authenticated: (data) => data["expires_at"] === null || typeof data["expires_at"] === "number",
  error: (data) => typeof data["code"] === "string",
  degraded: () => true,
  restored: () => true,
};

/** An event is what has a place in a topic; replies and notices keep theirs inside `data`. */
export const isEvent = (frame: DownFrame): frame is EventFrame => "offset" in frame;

/**
 * Reads a frame. Null for what is none, and for what a newer server may send and this client does not know; what the messages carry is the
 * server's word and is not checked again here.
 */
export function readFrame(text: unknown): DownFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text as string);
  } catch {
    return null;
  }
  if (!isObject(frame) || typeof frame["type"] !== "string" || !isObject(frame["data"])) return null;
  if ("offset" in frame) {
    const fits = typeof frame["topic"] === "string" && isOffset(frame["offset"]);
    return fits ? (frame as unknown as DownFrame) : null;
  }
  const check = Object.hasOwn(CHECKS, frame["type"]) ? CHECKS[frame["type"]] : undefined;
  return check?.(frame["data"]) === true ? (frame as unknown as DownFrame) : null;
}
