import { base58 } from "@scure/base";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { checkAddress, encodeAddress } from "./address-cache.ts";

/** Few different bytes where the table looks, so that addresses push each other out. */
const colliding = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat({ max: 1 }))
  .map(([bytes, slot]) => {
    bytes[12] = slot;
    bytes[13] = 0;
    return bytes;
  });

it("writes addresses as @scure/base does, however often and in whatever order they come", () => {
  fc.assert(
    fc.property(
      fc.array(colliding, { minLength: 2, maxLength: 6 }),
      fc.array(fc.nat({ max: 5 })),
      (all, order) => {
        for (const index of order) {
          const bytes = all[index % all.length] ?? new Uint8Array(32);
          const surrounded = new Uint8Array([1, 2, 3, ...bytes, 4]);
          expect(encodeAddress(surrounded, 3)).toBe(base58.encode(bytes));
        }
      },
    ),
  );
});

it("tells addresses that differ in a single bit apart", () => {
  const bytes = new Uint8Array(32).fill(7);
  const written = new Set([encodeAddress(bytes, 0)]);
  for (let bit = 0; bit < 256; bit++) {
    const other = Uint8Array.from(bytes);
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    written.add(encodeAddress(other, 0));
  }
  expect(written.size).toBe(257);
});

it("refuses what is no address, also when it is asked again", () => {
  for (const text of ["", "1".repeat(31), "1".repeat(45), `${"1".repeat(31)}0`, "é".repeat(32)]) {
    expect(checkAddress(text)).toBeNull();
    expect(checkAddress(text)).toBeNull();
  }
  expect(checkAddress("1".repeat(32))).toBe("1".repeat(32));
});

it("goes on after more addresses than it keeps", () => {
  const texts = Array.from({ length: 20_000 }, (_, n) => String(n).replaceAll("0", "A").padStart(40, "1"));
  expect(texts.filter((text) => checkAddress(text) !== text)).toEqual([]);
  expect(texts.filter((text) => checkAddress(text) !== text)).toEqual([]);
});
