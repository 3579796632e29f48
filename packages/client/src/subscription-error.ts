import type { Position, Topic } from "./protocol.ts";

/**
 * A subscription did not come about, or ended; or history could not be read. `code` is the server's error code, `closed`,
 * or `overflow`.
 */
export class SubscriptionError extends Error {
  declare readonly topic: Topic;
  declare readonly code: string;
  /** With `overflow`: of the last message that was handed out. A subscription with it as `since` goes on from there. */
  declare readonly position: Position | undefined;

  constructor(topic: Topic, code: string, message: string, position?: Position) {
    super(`${topic} (${code}): ${message}`);
    this.name = "SubscriptionError";
    this.topic = topic;
    this.code = code;
    this.position = position;
  }
}
