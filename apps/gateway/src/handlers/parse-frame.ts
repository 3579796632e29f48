import {
  isTopic,
  requestId,
  UP_TYPES,
  upFrame,
  type ErrorCode,
  type RequestId,
  type UpFrame,
} from "@commcoin/protocol";

export type ParsedFrame =
  | { readonly frame: UpFrame }
  | { readonly error: ErrorCode; readonly message: string; readonly id: RequestId | undefined };

/** Long enough for a sentence, short enough that a client cannot make the gateway send much. */
const MAX_QUOTED = 40;

const quote = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);

/** Reads what a client sent. An error carries the request's id where it can be read. */
export function parseFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {
      error: "bad_json",
      message: "A frame must be a JSON object; this one is not JSON.",
      id: undefined,
    };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { error: "bad_message", message: "A frame must be a JSON object.", id: undefined };
  }
  const { type, id: givenId, data } = value as { type?: unknown; id?: unknown; data?: unknown };
  const id = requestId.safeParse(givenId).data;
  if (typeof type !== "string") {
    return { error: "bad_message", message: `A frame needs a "type", one of ${UP_TYPES.join(", ")}.`, id };
  }
  if (!(UP_TYPES as readonly string[]).includes(type)) {
    return {
      error: "unknown_type",
      message: `There is no ${quote(type)}; there are ${UP_TYPES.join(", ")}.`,
      id,
    };
  }
  const parsed = upFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data };
  const badTopic = topicsOf(data).find((topic) => !isTopic(topic));
  if (badTopic !== undefined) {
    return { error: "bad_topic", message: `${quote(badTopic)} is not a topic: name or name:argument.`, id };
  }
  const issue = parsed.error.issues[0];
  const path = issue === undefined || issue.path.length === 0 ? "the frame" : issue.path.join(".");
  return { error: "bad_message", message: `${path}: ${issue?.message ?? "not understood"}`, id };
}

function topicsOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  const { topic, topics } = data as { topic?: unknown; topics?: unknown };
  const named = [topic, ...(Array.isArray(topics) ? (topics as unknown[]) : [])];
  return named.filter((name) => typeof name === "string");
}
