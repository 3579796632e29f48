import type { DownFrame, EventFrame } from "./protocol.ts";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isStanding = (value: unknown): boolean =>
  isObject(value) && typeof value["epoch"] === "string" && isOffset(value["offset"]);

/** Checks what the state machine relies on. */
function isServerFrame(type: unknown, data: Json): boolean {
  switch (type) {
    case "connected": {
      const { heartbeat_interval, subscriptions } = data;
      return (
        (heartbeat_interval as number) > 0 && Array.isArray(subscriptions) && subscriptions.every(isStanding)
      );
    }
    case "subscribed":
    case "reset":
      return isStanding(data);
    case "history":
      return isStanding(data) && Array.isArray(data["messages"]);
    case "authenticated":
      return data["expires_at"] === null || typeof data["expires_at"] === "number";
    default:
      return ["pong", "error", "degraded", "restored"].includes(type as string);
  }
}

/** An event is what has a place in a topic; replies and notices keep theirs inside `data`. */
export const isEvent = (frame: DownFrame): frame is EventFrame => "offset" in frame;

/**
 * Reads a frame. Null for what is none, and for what a newer server may send and this client does not know; what the
 * messages carry is the server's word and is not checked again here.
 */
export function readFrame(text: unknown): DownFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text as string);
  } catch {
    return null;
  }
  if (!isObject(frame) || !isObject(frame["data"])) return null;
  const fits = "offset" in frame ? isOffset(frame["offset"]) : isServerFrame(frame["type"], frame["data"]);
  return fits ? (frame as unknown as DownFrame) : null;
}
