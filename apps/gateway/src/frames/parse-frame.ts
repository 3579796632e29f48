import {
  isTopic,
  requestId,
  upFrame,
  type ErrorCode,
  type RequestId,
  type UpFrame,
} from "@commcoin/protocol";
import {
  explainData,
  explainMissingType,
  explainSeveral,
  explainText,
  explainTopic,
  explainType,
  explainValue,
  isUpType,
} from "./explain-frame.ts";
import { isEchoable } from "./request-id.ts";

export type ParsedFrame =
  | { readonly frame: UpFrame }
  | { readonly error: ErrorCode; readonly message: string; readonly id: RequestId | undefined };

const BAD_ID =
  '"id" is a text of up to 64 characters, or a number that comes back as it is: at most 2^53 - 1, without an exponent, "-0" or zeros at the end.';

/** Reads what a client sent. An error says what to write instead, and carries the request's id where it can be read. */
export function parseFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    return { error: "bad_json", message: explainText(text, reason), id: undefined };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { error: "bad_message", message: explainValue(value), id: undefined };
  }
  const frame = value as { readonly type?: unknown; readonly id?: unknown; readonly data?: unknown };
  const id = requestId.safeParse(frame.id).data;
  if (typeof frame.id === "number" && !isEchoable(frame.id, text)) {
    return { error: "bad_message", message: BAD_ID, id: undefined };
  }
  const { type, data } = frame;
  if (typeof type !== "string") {
    return { error: "bad_message", message: explainMissingType(value as Record<string, unknown>), id };
  }
  if (!isUpType(type)) return { error: "unknown_type", message: explainType(type), id };
  const parsed = upFrame.safeParse(value);
  if (parsed.success) {
    const lost = type === "subscribe" ? explainSeveral(frame) : null;
    return lost === null ? { frame: parsed.data } : { error: "bad_message", message: lost, id };
  }
  if (frame.id !== undefined && id === undefined) return { error: "bad_message", message: BAD_ID, id };
  const badTopic = topicsOf(data).find((topic) => !isTopic(topic));
  if (badTopic !== undefined) return { error: "bad_topic", message: explainTopic(badTopic), id };
  const why = explainData(type, value as Record<string, unknown>) ?? "The frame is not understood.";
  return { error: "bad_message", message: why, id };
}

function topicsOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  const { topic, topics } = data as { topic?: unknown; topics?: unknown };
  const named = [topic, ...(Array.isArray(topics) ? (topics as unknown[]) : [])];
  return named.filter((name) => typeof name === "string");
}
