import { randomFillSync } from "node:crypto";

const ID_BYTES = 12;
/** Asking the system for randomness costs as much as opening a connection, whether for one id or for many. */
const IDS_AT_ONCE = 256;

/** @returns a function that gives ids of 16 characters that nobody can guess. */
export function createConnectionIds(): () => string {
  const pool = Buffer.alloc(ID_BYTES * IDS_AT_ONCE);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += ID_BYTES;
    return pool.toString("base64url", used - ID_BYTES, used);
  };
}
