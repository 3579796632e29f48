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

/** Reads the `since` query parameter; null when any part of it is malformed or a topic stands there twice. */
export function parseSince(text: string): ReadonlyMap<Topic, Position> | null {
  const positions = new Map<Topic, Position>();
  for (const part of text.split(",").filter((part) => part !== "")) {
    const at = part.indexOf("@");
    const topic = part.slice(0, at);
    const position = at < 0 ? null : parsePosition(part.slice(at + 1));
    if (position === null || !isTopic(topic) || positions.has(topic)) return null;
    positions.set(topic, position);
  }
  return positions;
}
