import { eventFrameHead, eventFrameTail } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { NewestFrames, tokenOf } from "./newest-frames.ts";

const frame = (offset: number, data: object, type = "MarketData"): Uint8Array => {
  const dataJson = JSON.stringify(data);
  const head = eventFrameHead({ type, topic: "market_data" });
  const tail = eventFrameTail({ id: `${offset}`, ts: 1, dataJson });
  return Buffer.from(`${head}${offset}${tail}`);
};

describe("newest frames", () => {
  it("know the token of a frame, whatever else it says", () => {
    expect(tokenOf(frame(1, { token_id: "abc", price: "1" }))).toBe("abc");
    expect(tokenOf(frame(1, { price: '","token_id":"x"', token_id: "abc" }))).toBe("abc");
    expect(tokenOf(frame(1, { price: "1" }))).toBeNull();
    expect(tokenOf(frame(1, { token_id: "abc" }, "TokenPriceUpdate"))).toBeNull();
    expect(tokenOf(Buffer.from("{}"))).toBeNull();
  });

  it("keep one frame per token, in the order of offsets, and every frame without a token", () => {
    const newest = new NewestFrames();
    const tokens = ["a", "b", "a", null, "c", "b", null];
    for (const [index, token_id] of tokens.entries()) {
      newest.add(index + 1, frame(index + 1, token_id === null ? { n: index } : { token_id }));
    }
    const offsets = (from: number): number[] => [...newest.from(from)].map(({ offset }) => offset);
    expect(offsets(1)).toEqual([3, 4, 5, 6, 7]);
    expect(offsets(5)).toEqual([5, 6, 7]);
    expect(offsets(8)).toEqual([]);
    newest.clear();
    expect(offsets(1)).toEqual([]);
  });

  it("are bounded, and say what was forgotten", () => {
    const newest = new NewestFrames(3);
    for (let offset = 1; offset <= 5; offset += 1)
      newest.add(offset, frame(offset, { token_id: `${offset}` }));
    expect(newest.size).toBe(3);
    expect(newest.forgottenUpTo).toBe(2);
  });
});
