import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { openRaw, upgradeRequest } from "../raw-socket.ts";
import { clientFrame, TEXT } from "./frame.ts";
import { FRAMES } from "./frames.ts";
import { createRandom, type Random } from "./random.ts";
import { REQUESTS } from "./requests.ts";

const QUERIES = [
  "",
  "?user_id=fuzz",
  "?subscriptions=market_data,transactions",
  "?since=market_data@e:1",
] as const;
/** An attacker that sends a byte now and then sends so many of them. */
const DRIPS = 40;
const PATIENCE_MS = 50;

const among = <Value>(random: Random, table: Readonly<Record<string, Value>>): Value => {
  const values = Object.values(table);
  return values[random.int(0, values.length - 1)] as Value;
};

/** Flips, inserts, removes or repeats some bytes. */
function mutate(random: Random, bytes: Buffer): Buffer {
  let mutated = bytes;
  for (let change = random.int(1, 8); change > 0; change -= 1) {
    const at = random.int(0, Math.max(0, mutated.length - 1));
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    const repeated = after.subarray(0, random.int(0, 40));
    mutated = random.pick([
      () => Buffer.concat([before, random.bytes(1), after.subarray(1)]),
      () => Buffer.concat([before, random.bytes(random.int(1, 20)), after]),
      () => Buffer.concat([before, after.subarray(random.int(1, 20))]),
      () => Buffer.concat([before, repeated, after]),
    ])();
  }
  return mutated;
}

const validSession = (random: Random): Buffer =>
  Buffer.concat([
    Buffer.from(upgradeRequest(`/ws${random.pick(QUERIES)}`)),
    clientFrame(TEXT, '{"type":"subscribe","id":1,"data":{"topic":"token:fuzz","last":5}}'),
    clientFrame(TEXT, '{"type":"ping","id":2}'),
    clientFrame(TEXT, '{"type":"unsubscribe","id":3,"data":{"topic":"token:fuzz"}}'),
    clientFrame(0x88, Buffer.from([0x03, 0xe8])),
  ]);

const settle = (socket: Socket, ms: number): Promise<unknown> =>
  Promise.race([
    delay(ms, undefined, { ref: false }),
    new Promise((resolve) => {
      socket.once("data", resolve);
      socket.once("close", resolve);
    }),
  ]);

/** Sends everything at once, or in pieces, or byte by byte. */
async function send(random: Random, socket: Socket, bytes: Buffer): Promise<void> {
  if (random.chance(0.7)) {
    socket.write(bytes);
    return;
  }
  const slowly = random.chance(0.3);
  for (let at = 0, piece = 0; at < bytes.length && !socket.destroyed; piece += 1) {
    if (slowly && piece === DRIPS) return;
    const length = slowly ? random.int(1, 3) : random.int(1, Math.ceil(bytes.length / 3));
    socket.write(bytes.subarray(at, at + length));
    at += length;
    await delay(slowly ? random.int(1, 8) : 0);
  }
}

function leave(random: Random, socket: Socket): void {
  const how = random.int(0, 2);
  if (how === 0) socket.resetAndDestroy();
  else if (how === 1) socket.destroy();
  else socket.end();
}

/** One attacker from its first byte to its end; the same seed does the same. */
export async function attack(url: string, seed: number): Promise<void> {
  const random = createRandom(seed);
  const socket = await openRaw(url);
  // Some never read, and some say nothing.
  if (random.chance(0.15)) socket.pause();
  else socket.resume();
  const way = random.int(0, 9);
  if (way < 3) await send(random, socket, Buffer.from(among(random, REQUESTS)(random)));
  else if (way < 5) await send(random, socket, mutate(random, validSession(random)));
  else if (way < 9) {
    socket.write(upgradeRequest(`/ws${random.pick(QUERIES)}`));
    if (random.chance(0.8)) await settle(socket, PATIENCE_MS);
    for (let turn = random.int(1, 4); turn > 0 && !socket.destroyed; turn -= 1) {
      await send(random, socket, among(random, FRAMES)(random));
    }
  }
  await settle(socket, random.int(0, PATIENCE_MS));
  leave(random, socket);
  if (!socket.destroyed) await delay(random.int(0, PATIENCE_MS));
  socket.destroy();
}
