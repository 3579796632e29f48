import { describe, expect, it } from "vitest";
import { FrameReader } from "./frame-reader.ts";

const frame = (payload: string): Buffer => {
  const body = Buffer.from(payload);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  const header = Buffer.alloc(body.length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = header.length === 4 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(body.length, 2);
  else header.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([header, body]);
};

const messages = ["", "a", "x".repeat(125), "y".repeat(126), "z".repeat(70_000), "last"];
const PING = Buffer.from([0x89, 0]);
const CLOSE = Buffer.from([0x88, 2, 3, 232]);
const stream = Buffer.concat([...messages.map(frame), PING, frame("after"), CLOSE]);

function read(wantsPayload: boolean, pieceBytes: number) {
  const seen = { count: 0, payloads: [] as string[], pings: 0, closes: [] as number[] };
  const reader = new FrameReader(wantsPayload, {
    messages: (count) => (seen.count += count),
    payload: (bytes) => seen.payloads.push(bytes.toString()),
    ping: () => (seen.pings += 1),
    close: (code) => seen.closes.push(code),
  });
  for (let at = 0; at < stream.length; at += pieceBytes) reader.push(stream.subarray(at, at + pieceBytes));
  return seen;
}

describe("frame reader", () => {
  it.each([1, 3, 1_000, 65_536, stream.length])("counts every frame in pieces of %i bytes", (pieceBytes) => {
    const { count, pings, closes } = read(false, pieceBytes);
    expect({ count, pings, closes }).toEqual({ count: messages.length + 1, pings: 1, closes: [1_000] });
  });

  it.each([50, 1_000, stream.length])("brings payloads whole in pieces of %i bytes", (pieceBytes) => {
    const { payloads, count } = read(true, pieceBytes);
    expect(payloads).toEqual([...messages, "after"]);
    expect(count).toBe(payloads.length);
  });
});
