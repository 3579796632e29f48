import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFrame } from "./parse-frame.ts";

const BEYOND = 2n ** 53n;
const notification = (id: bigint, result: unknown): string =>
  `{"jsonrpc":"2.0","method":"logsNotification","params":{"result":${JSON.stringify(result)},"subscription":${id}}}`;

describe("parsing a frame", () => {
  it("keeps every bit of a subscription's number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (id) => {
        const expected = id < BEYOND ? Number(id) : id;
        expect(parseFrame(`{"jsonrpc":"2.0","result": ${id},"id":"1"}`)).toMatchObject({ result: expected });
        expect(parseFrame(notification(id, {}))).toMatchObject({ params: { subscription: expected } });
      }),
    );
  });

  it("is not misled by the same words elsewhere in it", () => {
    const id = 2n ** 64n - 1n;
    const result = { subscription: 7, logs: ['"subscription":18446744073709551614'] };
    expect(parseFrame(notification(id, result))).toMatchObject({ params: { subscription: id, result } });
  });
});
