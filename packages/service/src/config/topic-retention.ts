import { z } from "zod";

/** What is kept of the topics of one name, where it is not the default. */
export interface TopicRetention {
  readonly maxMessages: number;
  readonly maxAgeMs?: number;
}

const MAX_TOPIC_NAMES = 32;
const MIN_MESSAGES = 10;
const MAX_MESSAGES = 1_000_000;
/** Ids are remembered as long as messages: what is found late must still be known to be published. */
const MIN_SECONDS = 600;
const MAX_SECONDS = 86_400;
/** A listener that takes over reads there what was told before. */
const MIN_TRANSACTIONS = 20_000;

const ENTRY = /^([a-z][a-z0-9_]{0,63})=(\d{1,7})(?::(\d{1,5}))?$/;

function problemOf(name: string, messages: number, seconds: number | null): string | null {
  const least = name === "transactions" ? MIN_TRANSACTIONS : MIN_MESSAGES;
  if (messages < least || messages > MAX_MESSAGES) {
    return `of ${name} must keep ${least} to ${MAX_MESSAGES} messages`;
  }
  if (seconds === null || (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) return null;
  return `of ${name} must keep them for ${MIN_SECONDS} to ${MAX_SECONDS} seconds`;
}

/** Reads `program=20000,token=5000:3600`: topic names, messages, and seconds where they are not the default. */
export const topicRetention = z.string().transform((given, context) => {
  const found: Record<string, TopicRetention> = {};
  const refuse = (message: string): never => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const entries = given.split(",").map((entry) => entry.trim());
  if (entries.length > MAX_TOPIC_NAMES) return refuse(`must have at most ${MAX_TOPIC_NAMES} topic names`);
  for (const entry of entries) {
    const [, name, messages, seconds] = ENTRY.exec(entry) ?? [];
    if (name === undefined) {
      return refuse(
        "must be <topic name>=<messages> or <topic name>=<messages>:<seconds>, with commas between them",
      );
    }
    const [maxMessages, maxSeconds] = [Number(messages), seconds === undefined ? null : Number(seconds)];
    const problem = problemOf(name, maxMessages, maxSeconds);
    if (problem !== null) return refuse(problem);
    found[name] = { maxMessages, ...(maxSeconds === null ? {} : { maxAgeMs: 1_000 * maxSeconds }) };
  }
  return found;
});
