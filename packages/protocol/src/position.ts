import { z } from "zod";
import { isTopic, type Topic } from "./topic.ts";

/** Names one life of a topic's offsets. A new epoch starts when the broker lost what it knew of the topic. */
export const epoch = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);

/** Counts the messages of a topic within an epoch: 1, 2, 3 … without holes; 0 before the first one. */
export const offset = z.int().nonnegative();

/** Where a reader stands in a topic: it has seen everything up to and including `offset` of that `epoch`. */
export const position = z.object({ epoch, offset });
export type Position = z.infer<typeof position>;

export const formatPosition = ({ epoch, offset }: Position): string => `${epoch}:${offset}`;

/** Reads `epoch:offset`; null when the text is not a position. */
export function parsePosition(text: string): Position | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || !/^\d{1,15}$/.test(text.slice(colon + 1))) return null;
  const parsed = position.safeParse({ epoch: text.slice(0, colon), offset: Number(text.slice(colon + 1)) });
  return parsed.success ? parsed.data : null;
}

/** Writes the `since` query parameter: `topic@epoch:offset`, comma-separated. */
export const formatSince = (positions: ReadonlyMap<Topic, Position>): string =>
  [...positions].map(([topic, at]) => `${topic}@${formatPosition(at)}`).join(",");

/** Reads one entry of the `since` query parameter; null when it is none. */
export function parseSinceEntry(text: string): { readonly topic: Topic; readonly position: Position } | null {
  // Of a position only the topic has an `@`: in the id of a user.
  const at = text.lastIndexOf("@");
  const topic = text.slice(0, at);
  const position = at < 0 ? null : parsePosition(text.slice(at + 1));
  return position === null || !isTopic(topic) ? null : { topic, position };
}

/** Reads the `since` query parameter; null when any part of it is malformed or a topic stands there twice. */
export function parseSince(text: string): ReadonlyMap<Topic, Position> | null {
  const entries = text.split(",").flatMap((part) => (part === "" ? [] : [parseSinceEntry(part)]));
  const positions = new Map(
    entries.flatMap((entry) => (entry ? [[entry.topic, entry.position] as const] : [])),
  );
  return positions.size === entries.length ? positions : null;
}
