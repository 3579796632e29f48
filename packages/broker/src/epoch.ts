import { randomBytes } from "node:crypto";

/** A name for a new life of a topic's offsets: 48 random bits, so that no two lives share one. */
export const newEpoch = (): string => randomBytes(6).toString("base64url");
