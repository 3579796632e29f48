import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFrame } from "./parse-frame.ts";

const parse = (value: unknown) => parseFrame(JSON.stringify(value));

describe("parse frame", () => {
  it.each([
    [{ type: "subscribe", data: { topic: "market_data" } }],
    [{ type: "subscribe", id: 7, data: { topic: "token:abc", since: { epoch: "e", offset: 3 }, last: 5 } }],
    [{ type: "subscribe", data: { topics: ["transactions", "market_data"] } }],
    [{ type: "unsubscribe", id: "x", data: { topic: "market_data" } }],
    [{ type: "ping" }],
    [{ type: "auth", data: { token: "t" } }],
    [{ type: "history", data: { topic: "market_data", limit: 10 } }],
  ])("takes %j", (frame) => {
    expect(parse(frame)).toEqual({ frame });
  });

  it.each([
    ["{", "bad_json", undefined],
    ["", "bad_json", undefined],
    ["[]", "bad_message", undefined],
    ["null", "bad_message", undefined],
    ['"subscribe"', "bad_message", undefined],
    ['{"id":5}', "bad_message", 5],
    ['{"type":7,"id":"a"}', "bad_message", "a"],
    ['{"type":"publish","id":"a"}', "unknown_type", "a"],
    ['{"type":"toString","id":"a"}', "unknown_type", "a"],
    ['{"type":"subscribe","id":1}', "bad_message", 1],
    ['{"type":"subscribe","id":1,"data":{}}', "bad_message", 1],
    ['{"type":"subscribe","id":1,"data":{"topic":5}}', "bad_message", 1],
    ['{"type":"subscribe","id":1,"data":{"topic":"No Topic"}}', "bad_topic", 1],
    ['{"type":"subscribe","id":1,"data":{"topics":["market_data","No"]}}', "bad_topic", 1],
    ['{"type":"subscribe","id":1,"data":{"topics":[]}}', "bad_message", 1],
    ['{"type":"subscribe","id":1,"data":{"topic":"market_data","last":101}}', "bad_message", 1],
    ['{"type":"subscribe","id":1,"data":{"topic":"market_data","since":{"epoch":"e"}}}', "bad_message", 1],
    ['{"type":"unsubscribe","id":1,"data":{"topic":""}}', "bad_topic", 1],
    ['{"type":"history","id":1,"data":{"topic":"market_data","limit":301}}', "bad_message", 1],
    ['{"type":"auth","id":1,"data":{"token":""}}', "bad_message", 1],
    ['{"type":"ping","id":{}}', "bad_message", undefined],
    [`{"type":"ping","id":"${"x".repeat(65)}"}`, "bad_message", undefined],
  ])("refuses %s as %s", (text, error, id) => {
    expect(parseFrame(text)).toMatchObject({ error, id });
  });

  it("never throws and never answers at length, whatever comes", () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.object().map((value) => JSON.stringify(value)),
    );
    const isShort = fc.property(anything, (text) => {
      const parsed = parseFrame(text);
      return "frame" in parsed || parsed.message.length < 300;
    });
    expect(() => fc.assert(isShort)).not.toThrow();
  });
});
