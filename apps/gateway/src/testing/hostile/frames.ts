import { BINARY, clientFrame, CLOSE, CONTINUATION, MASK, PING, TEXT, TEXT_BEGIN } from "./frame.ts";
import { MESSAGES } from "./messages.ts";
import type { Random } from "./random.ts";

const BAD_UTF8 = [
  Buffer.from([0xff, 0xfe, 0xfd]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xe2, 0x82]),
] as const;

const CLOSE_CODES = [
  0, 999, 1_000, 1_001, 1_004, 1_005, 1_006, 1_015, 2_999, 3_008, 4_999, 5_000, 65_535,
] as const;

const message = (random: Random): string => {
  const kinds = Object.values(MESSAGES);
  return kinds[random.int(0, kinds.length - 1)]?.(random) ?? "";
};

const closeFrame = (code: number, reason: Buffer | string): Buffer =>
  clientFrame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]));

/** Cuts a message into fragments, with pings between some of them. */
function fragments(random: Random, text: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  let first = true;
  for (let at = 0; at < text.length || first;) {
    const end = Math.min(text.length, at + random.int(1, Math.max(1, Math.ceil(text.length / 4))));
    const last = end >= text.length;
    const opcode = first ? TEXT_BEGIN : 0;
    parts.push(clientFrame((last ? 0x80 : 0) | opcode, text.subarray(at, end)));
    if (random.chance(0.2)) parts.push(clientFrame(PING, "between"));
    first = false;
    at = end;
    if (last) break;
  }
  return parts;
}

/** What an attacker sends once its WebSocket is open, by what is wrong with it. */
export const FRAMES: Readonly<Record<string, (random: Random) => Buffer>> = {
  "odd messages": (random) =>
    Buffer.concat(Array.from({ length: random.int(1, 12) }, () => clientFrame(TEXT, message(random)))),
  fragments: (random) => Buffer.concat(fragments(random, Buffer.from(message(random)))),
  "text that is not UTF-8": (random) => clientFrame(TEXT, random.pick(BAD_UTF8)),
  "text that is not UTF-8, in fragments": (random) => Buffer.concat(fragments(random, random.pick(BAD_UTF8))),
  "a continuation of nothing": (random) => clientFrame(CONTINUATION, message(random)),
  "a message inside another one": (random) =>
    Buffer.concat([clientFrame(TEXT_BEGIN, '{"type":'), clientFrame(TEXT, message(random))]),
  "a message that is never finished": (random) => clientFrame(TEXT_BEGIN, message(random)),
  "endless fragments": (random) =>
    Buffer.concat([
      clientFrame(TEXT_BEGIN, "x".repeat(1_000)),
      ...Array.from({ length: random.int(50, 1_500) }, () => clientFrame(0, "x".repeat(1_000))),
    ]),
  "empty fragments": (random) =>
    Buffer.concat([
      clientFrame(TEXT_BEGIN, ""),
      ...Array.from({ length: random.int(1, 500) }, () => clientFrame(0, "")),
    ]),
  "a length of 63 bits": (random) =>
    Buffer.from([
      TEXT,
      0xff,
      random.pick([0x7f, 0xff, 0x00]),
      ...random.bytes(7),
      ...MASK,
      ...random.bytes(50),
    ]),
  "a length in more bytes than it needs": () => Buffer.from([TEXT, 0xfe, 0, 5, ...MASK, 1, 2, 3, 4, 5]),
  "a message over the limit": (random) => clientFrame(TEXT, "x".repeat(random.int(65_537, 200_000))),
  "a message far over the limit": (random) => clientFrame(TEXT, "x".repeat(random.int(1_100_000, 1_400_000))),
  "reserved bits": (random) => clientFrame(TEXT | random.pick([0x10, 0x20, 0x40, 0x70]), message(random)),
  "reserved opcodes": (random) => clientFrame(0x80 | random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), "x"),
  "no mask": (random) => {
    const text = Buffer.from(message(random)).subarray(0, 100);
    return Buffer.concat([Buffer.from([TEXT, text.length]), text]);
  },
  "binary messages": (random) => clientFrame(BINARY, random.bytes(random.int(0, 2_000))),
  "long control frames": (random) =>
    clientFrame(random.pick([CLOSE, PING, 0x8a]), "x".repeat(random.int(126, 400))),
  "control frames in fragments": (random) => clientFrame(random.pick([0x08, 0x09, 0x0a]), "x"),
  "close codes": (random) =>
    closeFrame(random.pick(CLOSE_CODES), random.pick<Buffer | string>(["", "bye", ...BAD_UTF8])),
  "half a close code": () => clientFrame(CLOSE, Buffer.from([3])),
  "messages after a close": (random) =>
    Buffer.concat([closeFrame(1_000, ""), clientFrame(TEXT, message(random)), clientFrame(PING, "")]),
  "a flood of pings": (random) => {
    const ping = clientFrame(PING, "x".repeat(random.int(0, 125)));
    return Buffer.concat(Array.from({ length: random.int(100, 2_000) }, () => ping));
  },
  "a flood of messages": (random) => {
    const text = clientFrame(TEXT, message(random).slice(0, 300));
    return Buffer.concat(Array.from({ length: random.int(100, 2_000) }, () => text));
  },
  "pongs that nobody asked for": (random) =>
    Buffer.concat(Array.from({ length: random.int(1, 100) }, () => clientFrame(0x8a, "pong"))),
  garbage: (random) => random.bytes(random.int(1, 3_000)),
};
