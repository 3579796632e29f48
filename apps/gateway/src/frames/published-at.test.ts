import { eventFrameHead, eventFrameTail } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { publishedAt } from "./published-at.ts";

const frame = (ts: number, id = "id", dataJson = "{}"): Uint8Array => {
  const head = eventFrameHead({ type: "MarketData", topic: "market_data" });
  const tail = eventFrameTail({ id, ts, dataJson });
  return Buffer.from(`${head}1${tail}`);
};

describe("publishing time", () => {
  it("is read from a frame without parsing it, whatever its id and its data say", () => {
    expect(publishedAt(frame(1_700_000_000_123))).toBe(1_700_000_000_123);
    expect(publishedAt(frame(5, 'x","ts":9', '{"a":1,"ts":7}'))).toBe(5);
    expect(publishedAt(Buffer.from("{}"))).toBeNull();
    const padded = Buffer.concat([Buffer.from("pad"), frame(42)]);
    expect(publishedAt(padded.subarray(3))).toBe(42);
  });
});
