import { z } from "zod";

/** The most that a gateway remembers of the connections that were closed. */
export const MAX_CLOSED_REMEMBERED = 200;
/** As long as a close frame can have it, in bytes (RFC 6455, section 5.5). */
const MAX_REASON_LENGTH = 123;
/** The last moment that JavaScript has a date for, Unix milliseconds. */
const LAST_TIME_MS = 8_640_000_000_000_000;
const DIGITS = 16;

const text = z.string().max(300);

/** What a gateway remembers of a connection that is gone. */
export const closedConnection = z.object({
  id: text,
  server_id: text.describe("The gateway that held it"),
  user_id: text.nullable(),
  address: text,
  since: z.int().describe("When it was opened, Unix milliseconds"),
  closed_at: z.int().nonnegative().max(LAST_TIME_MS).describe("Unix milliseconds"),
  code: z.int().describe("Of the WebSocket; 1005 when a client gave none, 1006 when nobody said goodbye"),
  reason: z
    .string()
    .max(MAX_REASON_LENGTH)
    .describe("As whoever closed it gave it, or as the gateway saw its end; may be empty"),
  by_gateway: z.boolean().describe("Whether the gateway closed it; else the client did, or it was lost"),
});
export type ClosedConnection = Readonly<z.infer<typeof closedConnection>>;

/** Orders closed connections as text does: the newest first. */
export const closedKey = ({ closed_at, id }: Pick<ClosedConnection, "closed_at" | "id">): string =>
  `${String(LAST_TIME_MS - closed_at).padStart(DIGITS, "0")}.${id}`;
