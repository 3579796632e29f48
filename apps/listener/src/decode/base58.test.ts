import { base58 } from "@scure/base";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase58, decodeBase58Into, encodeBase58, isBase58, MAX_DECODED_BYTES } from "./base58.ts";

/** Leading zero bytes are where base58 goes wrong. */
const bytes = (max: number) =>
  fc
    .tuple(fc.nat({ max: 4 }), fc.uint8Array({ maxLength: max }))
    .map(([zeros, tail]) => new Uint8Array([...new Uint8Array(zeros), ...tail]));

/** Base58 of so many bytes of 255. */
function largestOf(length: number): string {
  let text = "";
  for (let rest = (1n << BigInt(8 * length)) - 1n; rest > 0n; rest /= 58n) {
    text = `${"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".charAt(Number(rest % 58n))}${text}`;
  }
  return text;
}

describe("base58", () => {
  it("reads and writes what @scure/base does", () => {
    fc.assert(
      fc.property(bytes(300), (data) => {
        const text = base58.encode(data);
        expect(decodeBase58(text)).toEqual(data);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(bytes(60), (data) => {
        expect(encodeBase58(data)).toBe(base58.encode(data));
      }),
      { numRuns: 500 },
    );
  });

  it("encodes the largest values of every length, and nothing longer than a signature", () => {
    for (let length = 0; length <= 64; length++) {
      const data = new Uint8Array(length).fill(255);
      expect(encodeBase58(data)).toBe(base58.encode(data));
    }
    expect(() => encodeBase58(new Uint8Array(65))).toThrow(RangeError);
  });

  it("encodes a part of the bytes", () => {
    const data = new Uint8Array(40).map((_, index) => index);
    expect(encodeBase58(data, 8, 40)).toBe(base58.encode(data.subarray(8)));
  });

  it("reads the longest data and nothing longer", () => {
    const data = new Uint8Array(4_096).fill(255);
    expect(decodeBase58(largestOf(4_096))).toEqual(data);
    expect(decodeBase58("2".repeat(5_601))).toBeNull();
    expect(decodeBase58("1".repeat(5_600))).toHaveLength(5_600);
  });

  it("leaves nothing of an earlier call in the target", () => {
    const target = new Uint8Array(MAX_DECODED_BYTES).fill(7);
    expect(decodeBase58Into("11", target)).toBe(2);
    expect([...target.subarray(0, 3)]).toEqual([0, 0, 7]);
  });

  it.each(["0", "O", "I", "l", " 2", "2é", "2\u{1F600}"])("refuses %j", (text) => {
    expect(decodeBase58(text)).toBeNull();
    expect(isBase58(text, 1, 10)).toBe(false);
  });

  it("tells base58 of a length from other text", () => {
    expect(isBase58("11111111111111111111111111111111", 32, 44)).toBe(true);
    expect(isBase58("1".repeat(31), 32, 44)).toBe(false);
    expect(isBase58("1".repeat(45), 32, 44)).toBe(false);
  });
});
