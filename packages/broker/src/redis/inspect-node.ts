import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import type { Keys } from "./keys.ts";
import { SLOTS, slotOf } from "./slot.ts";
import { withinMs } from "./within-ms.ts";

/** What is found out about one Redis that takes writes. */
export interface InspectedNode {
  /** `host:port`. */
  readonly name: string;
  /** The shortest of some round trips. */
  readonly roundTripMs: number;
  /** Milliseconds that its clock is ahead of this machine's. */
  readonly clockAheadMs: number;
  /** The fields of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** Settings that INFO does not tell; null where Redis does not let them be read. */
  readonly settings: ReadonlyMap<string, string> | null;
  /** What it says to a write; null when it takes it. */
  readonly refusal: string | null;
  /** Why a message that was published did not arrive on a subscription; null when it did. */
  readonly deafness: string | null;
}

const ROUND_TRIPS = 5;
const KEY_TTL_MS = 10_000;
const ANSWER_MS = 3_000;
const MESSAGE_MS = 2_000;
const SETTINGS = ["client-output-buffer-limit", "appendfsync", "min-replicas-to-write"] as const;

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const readInfo = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );

/** The round trip that was shortest tells the time best: half of it is how long the answer was on its way. */
async function readClock(redis: Redis): Promise<Pick<InspectedNode, "roundTripMs" | "clockAheadMs">> {
  let best = { roundTripMs: Number.POSITIVE_INFINITY, clockAheadMs: 0 };
  for (let turn = 0; turn < ROUND_TRIPS; turn += 1) {
    const [sentAt, sent] = [Date.now(), performance.now()];
    const [seconds, microseconds] = (await redis.time()).map(Number) as [number, number];
    const roundTripMs = performance.now() - sent;
    if (roundTripMs >= best.roundTripMs) continue;
    const clockAheadMs = seconds * 1_000 + microseconds / 1_000 - (sentAt + roundTripMs / 2);
    best = { roundTripMs, clockAheadMs };
  }
  return best;
}

async function readSettings(redis: Redis): Promise<ReadonlyMap<string, string> | null> {
  const found = new Map<string, string>();
  for (const name of SETTINGS) {
    // Services in the cloud have no such command, and users of Redis seldom the right to it.
    const reply = await redis.config("GET", name).catch(() => null);
    if (!Array.isArray(reply)) return null;
    const [key, value] = reply as readonly string[];
    if (key !== undefined && value !== undefined) found.set(key, value);
  }
  return found;
}

/** A name of a key or channel that the node holds. */
function held(nameOf: (salt: number) => string, holds: ((slot: number) => boolean) | null): string {
  if (holds === null) return nameOf(0);
  for (let salt = 0; salt < 4 * SLOTS; salt += 1) {
    if (holds(slotOf(nameOf(salt)))) return nameOf(salt);
  }
  return nameOf(0);
}

async function hearItself(
  { commands, subscriptions }: Record<"commands" | "subscriptions", Redis>,
  channel: string,
  sharded: boolean,
): Promise<string | null> {
  const heard = new Promise<void>((resolve) => {
    subscriptions.on(sharded ? "smessage" : "message", (from: string) => {
      if (from === channel) resolve();
    });
  });
  try {
    await withinMs(ANSWER_MS, sharded ? subscriptions.ssubscribe(channel) : subscriptions.subscribe(channel));
    await withinMs(ANSWER_MS, sharded ? commands.spublish(channel, "") : commands.publish(channel, ""));
    await withinMs(MESSAGE_MS, heard);
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

/**
 * Looks at one Redis: what it says of itself, its clock, and whether it takes a write and carries a message, by a key and a
 * channel of this process' own.
 * @param holds whether a slot is the node's; null where there are no slots.
 * @throws when it does not answer.
 */
export async function inspectNode(
  { name, commands, subscriptions }: { readonly name: string } & Record<"commands" | "subscriptions", Redis>,
  keys: Keys,
  holds: ((slot: number) => boolean) | null,
): Promise<InspectedNode> {
  const id = `doctor-${randomBytes(6).toString("base64url")}`;
  const key = held((salt) => keys.check(id, salt), holds);
  const channel = held((salt) => keys.probe(id, salt), holds);
  const info = readInfo(await withinMs(ANSWER_MS, commands.info()));
  const clock = await withinMs(ANSWER_MS, readClock(commands));
  const [settings, refusal, deafness] = await Promise.all([
    withinMs(ANSWER_MS, readSettings(commands)).catch(() => null),
    withinMs(ANSWER_MS, commands.set(key, "", "PX", KEY_TTL_MS)).then(() => null, wordsOf),
    hearItself({ commands, subscriptions }, channel, holds !== null),
  ]);
  return { name, ...clock, info, settings, refusal, deafness };
}
