import { z } from "zod";
import { HIDDEN } from "./visible.ts";

/**
 * Neither white space nor what cannot be seen, no `/`, which ends a part of a path, no `,`, which
 * ends one of a list, and not `.` or `..`, which clients resolve in a path. Nor
 * what a program writes for a variable without a value: all who lack an id would share one. Everything else that identity providers write is
 * one: `auth0|5f7c8e`, `did:privy:c1x`.
 */
export const USER_ID_TEXT = String.raw`(?!(?:\.{1,2}|undefined|null|NaN|None)$)[^${HIDDEN}\p{Z}/,]{1,256}`;

const USER_ID_PATTERN = new RegExp(`^${USER_ID_TEXT}$`, "u");

export const USER_ID_MAX_BYTES = 256;

/** What a user id must be, to end a sentence. */
export const USER_ID_RULE =
  "1 to 256 bytes of UTF-8 without white space, '/', ',', control and invisible characters, and not '.', '..', undefined, null, NaN or None";

/** Bytes of UTF-8: each is an escape or a character. The text has no half of a surrogate pair. */
const bytesOf = (text: string): number => encodeURIComponent(text).replace(/%../g, "_").length;

/** Ids are compared as they are: case counts, and nothing is normalised. */
export const isUserId = (text: string): boolean =>
  USER_ID_PATTERN.test(text) && bytesOf(text) <= USER_ID_MAX_BYTES;

/** The id of a user: the argument of a `user:` topic. A wallet address is one. */
export const userId = z
  .string()
  .regex(USER_ID_PATTERN, `must be ${USER_ID_RULE}`)
  .refine(isUserId, `must be ${USER_ID_RULE}`)
  .describe(`User id: ${USER_ID_RULE}`);
