import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEchoable } from "./request-id.ts";

const readId = (frame: string): number => (JSON.parse(frame) as { id: number }).id;
const check = (frame: string): boolean => isEchoable(readId(frame), frame);

describe("a numeric id of a request", () => {
  it.each(["0", "1", "-7", "1.5", "-0.25", "9007199254740991", "-9007199254740991"])("may be %s", (id) => {
    expect(check(`{"type":"ping","id":${id}}`)).toBe(true);
  });

  it.each([
    "9007199254740992",
    "9007199254740993",
    "12345678901234567890",
    "1e400",
    "-1e400",
    "1.0",
    "1.50",
    "-0",
    "0.0",
    "1e2",
    "1E2",
    "1e-7",
    "0.1000000000000000055",
    "1e21",
  ])("may not be %s, which would come back otherwise", (id) => {
    expect(check(`{"type":"ping","id":${id}}`)).toBe(false);
  });

  it.each([
    ['{"id":1,"data":{"id":1.0,"x":[{"id":2.0}]}}', true],
    ['{"data":{"id":1},"id":1.0}', false],
    ['{ "data" : [ "id" , 1.0 ] , "id" : 1 }', true],
    [String.raw`{"\u0069d":1.0}`, false],
    [String.raw`{"data":"\"id\":1.0","id":1}`, true],
    ['{"id":1.0,"id":1}', true],
    ['{"id":1,"id":1.0}', false],
    ['{"data":"id","id":3}', true],
    ['{"x":"}","id":3}', true],
    ['{"id":{"id":1.0},"id":3}', true],
    [String.raw`{"x\\":1.0,"\\":"id","\"":1,"id":3}`, true],
    ['{"id"\n:\t3\r}', true],
    ['{"ID":1.0,"id":3}', true],
  ])("is that of the frame itself: %s", (frame, expected) => {
    expect(check(frame)).toBe(expected);
  });

  it("is found whatever stands around it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer(), (rest, id) => {
        expect(isEchoable(id, JSON.stringify({ ...rest, id }, null, 1))).toBe(true);
      }),
    );
  });
});
