import { randomFillSync } from "node:crypto";

const BYTES = 6;
/** Asking the system costs much more than the bytes: a publisher needs a name for each of its calls. */
const random = Buffer.alloc(128 * BYTES);
let next = random.length;

/** A name for a new life of a topic's offsets: 48 random bits, so that no two lives share one. */
export function newEpoch(): string {
  if (next === random.length) {
    randomFillSync(random);
    next = 0;
  }
  const start = next;
  next += BYTES;
  return random.toString("base64url", start, next);
}
