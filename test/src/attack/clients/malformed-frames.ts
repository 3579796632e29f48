import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { clientFrame, FIN, opcode } from "../support/frame.ts";
import { many } from "../support/many.ts";
import { openUpgraded, type RawSocket } from "../support/raw-socket.ts";

const ROUNDS = 40;
const AT_A_TIME = 25;
const ENDED_WITHIN_MS = 10_000;
const POLL_MS = 20;

const text = (payload: string | Buffer): Buffer => clientFrame(FIN | opcode.text, payload);
const json = (value: unknown): Buffer => text(JSON.stringify(value));
const nested = (depth: number): string => `${'{"data":'.repeat(depth)}1${"}".repeat(depth)}`;

/** What breaks the protocol of WebSockets: the connection ends. */
const BROKEN: readonly (() => Buffer)[] = [
  () => clientFrame(FIN | 0x70 | opcode.text, '{"type":"ping"}'),
  () => clientFrame(FIN | 0x3, "x"),
  () => clientFrame(FIN | 0xf, "x"),
  () => text(Buffer.from([0xff, 0xfe, 0xfd])),
  () => text(Buffer.from([0xed, 0xa0, 0x80])),
  () => clientFrame(FIN | opcode.continuation, "of nothing"),
  () => clientFrame(FIN | opcode.ping, "x".repeat(126)),
  () => clientFrame(opcode.ping, "in pieces"),
  () => clientFrame(FIN | opcode.close, Buffer.from([0x03])),
  () => clientFrame(FIN | opcode.close, Buffer.from([0x03, 0xed])),
  () => clientFrame(FIN | opcode.close, Buffer.from([0x00, 0x00])),
  () => Buffer.concat([clientFrame(opcode.text, "one"), clientFrame(FIN | opcode.text, "another")]),
  () => clientFrame(FIN | opcode.text, "", 0x7f_ff_ff_ff),
  () => text("x".repeat(70_000)),
];

/** What is no request: answered with an error, and the connection stays. */
const MISTAKEN: readonly (() => Buffer)[] = [
  () => text(""),
  () => text("hello"),
  () => text("{"),
  () => text("null"),
  () => text("[]"),
  () => text("1e999"),
  () => text(nested(2_000)),
  () => text("[".repeat(20_000)),
  () => json({}),
  () => json({ type: 7 }),
  () => json({ type: "__proto__" }),
  () => json({ type: "constructor", id: 1 }),
  () => json({ type: "subscribe" }),
  () => json({ type: "subscribe", topic: "token_updates" }),
  () => json({ type: "subscribe", data: { topic: ["token_updates"] } }),
  () => json({ type: "subscribe", data: { topic: "\u0000" } }),
  () => json({ type: "subscribe", data: { topics: Array.from({ length: 5_000 }, () => "a") } }),
  () => json({ type: "subscribe", data: { topic: "token_updates", last: 1e12 } }),
  () => json({ type: "subscribe", data: { topic: "token_updates", since: { epoch: {}, offset: -1 } } }),
  () => json({ type: "history", data: { topic: "token_updates", limit: 1e9 } }),
  () => json({ type: "ping", id: "x".repeat(65) }),
  () => json({ type: "ping", id: { toString: 1 } }),
  () => text('{"type":"ping","id":123456789012345678901234567890}'),
  () => clientFrame(FIN | opcode.binary, Buffer.from([0, 1, 2, 255])),
];

async function becomes(raw: RawSocket, done: () => boolean): Promise<boolean> {
  const deadline = performance.now() + ENDED_WITHIN_MS;
  while (!done() && performance.now() < deadline) await Promise.race([delay(POLL_MS), raw.closed]);
  return done();
}

/** Frames that are none and messages that say nothing, of every kind. */
export const malformedFrames: ServicesAttack = {
  name: "clients/malformed-frames",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const rounds = size.count(ROUNDS);
    const kinds = [...BROKEN, ...MISTAKEN];
    const failed = new Set<number>();
    await many(rounds * kinds.length, AT_A_TIME, async (index) => {
      const kind = index % kinds.length;
      if (failed.has(kind)) return;
      const raw = await openUpgraded(gateway.port, "/ws?user_id=odd");
      const { length } = raw.head();
      raw.write(kinds[kind]?.() ?? "");
      const ended =
        kind < BROKEN.length
          ? await becomes(raw, () => raw.isClosed)
          : await becomes(raw, () => raw.head().slice(length).includes('"type":"error"'));
      if (!ended) failed.add(kind);
      raw.destroy();
    });
    const name = (kind: number): string =>
      kind < BROKEN.length
        ? `broken frame ${kind} did not end the connection`
        : `mistake ${kind - BROKEN.length} was not answered`;
    return {
      tries: rounds * kinds.length,
      what: `${BROKEN.length} kinds of broken frames, ${MISTAKEN.length} of mistaken requests`,
      problems: [...failed].sort((a, b) => a - b).map(name),
    };
  },
};
