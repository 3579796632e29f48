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

  it.each([
    // At the top level, or elsewhere.
    ['{"type":"subscribe","topic":"market_data"}', '"topic" belongs into "data": {"type":"subscribe"'],
    ['{"type":"subscribe","topics":["market_data"]}', '"topics" belongs into "data"'],
    ['{"type":"history","limit":5,"data":{"topic":"market_data","since":5}}', '"limit" belongs into "data"'],
    ['{"type":"auth","token":"t"}', '"token" belongs into "data": {"type":"auth"'],
    ['{"type":"subscribe","params":{"topic":"market_data"}}', 'not "params"'],
    ['{"type":"subscribe","payload":{"topic":"market_data"}}', 'not "payload"'],
    ['{"type":"subscribe"}', '"data" is missing: {"type":"subscribe"'],
    // Of another shape.
    ['{"type":"subscribe","data":{"topics":"market_data"}}', '"topics" is a list'],
    ['{"type":"subscribe","data":{"topic":["market_data"]}}', 'several go into "topics"'],
    ['{"type":"unsubscribe","data":{"topics":["market_data"]}}', 'One topic each, in "topic"'],
    ['{"type":"subscribe","data":{"channel":"market_data"}}', 'not "channel"'],
    ['{"type":"subscribe","data":{}}', '"topic" is missing'],
    ['{"type":"subscribe","data":["market_data"]}', '"data" is an object'],
    ['{"type":"subscribe","data":"{\\"topic\\":\\"market_data\\"}"}', "JSON.stringify once"],
    ['{"type":"subscribe","data":{"topic":"market_data","since":"x@e:5"}}', '"since" is a position'],
    ['{"type":"history","data":{"topic":"market_data","since":57}}', '"since" is a position'],
    ['{"type":"subscribe","data":{"topic":"market_data","last":"10"}}', "without quotes"],
    ['{"type":"history","data":{"topic":"market_data","limit":1000}}', "1 to 300"],
    ['{"type":"subscribe","data":{"topic":"market_data","conflate":"true"}}', "true or false"],
    ['{"type":"auth","data":{}}', '"token" is a text'],
    // Topics.
    ['{"type":"subscribe","data":{"topic":"Market_Data"}}', 'Write "market_data"'],
    ['{"type":"subscribe","data":{"topic":" market_data "}}', 'Write "market_data"'],
    ['{"type":"subscribe","data":{"topic":"market_data,transactions"}}', 'Several go into "topics"'],
    ['{"type":"subscribe","data":{"topic":"user:a/b"}}', "what comes after user: must be 1 to 256 bytes"],
    ['{"type":"subscribe","data":{"topic":"user:"}}', "what comes after user:"],
    // What would be lost.
    ['{"type":"subscribe","data":{"topic":"a","topics":["b"]}}', '"topic" cannot stand beside "topics"'],
    [
      '{"type":"subscribe","data":{"topics":["a"],"since":{"epoch":"e","offset":1}}}',
      '"since" cannot stand beside "topics"',
    ],
    ['{"type":"subscribe","data":{"topics":["a"],"last":5}}', '"last" cannot stand beside "topics"'],
    ['{"type":"subscribe","data":{"topics":["market_data"],"conflate":true}}', '"conflate" cannot stand'],
    // Types.
    [
      '{"type":"SUBSCRIBE","data":{"topic":"market_data"}}',
      'There is no "SUBSCRIBE"; write {"type":"subscribe"',
    ],
    ['{"type":"subscibe","data":{}}', 'write {"type":"subscribe"'],
    ['{"type":"un-subscribe","data":{}}', 'write {"type":"unsubscribe"'],
    ['{"type":"join","data":{}}', 'write {"type":"subscribe"'],
    ['{"type":"login"}', 'write {"type":"auth"'],
    ['{"type":"publish","data":{}}', "clients cannot publish"],
    ['{"type":"pong"}', "answers the server's pings"],
    ['{"type":"weather"}', "there are subscribe, unsubscribe"],
    [
      '{"action":"subscribe","data":{"topic":"market_data"}}',
      '"type" says what a frame wants; this one has "action"',
    ],
    ['{"event":"ping"}', 'Write {"type":"ping"}'],
    ['{"jsonrpc":"2.0","method":"subscribe","params":["x"],"id":1}', 'this one has "method"'],
    ["{}", 'A frame needs a "type"'],
    // Not an object, or not JSON.
    ['42["subscribe","market_data"]', "socket.io"],
    ["40", "socket.io"],
    ["2probe", "socket.io"],
    ['[{"type":"ping"}]', "not a list"],
    ['[null,"1","topic","phx_join",{}]', "not a list"],
    [JSON.stringify('{"type":"ping"}'), "Call JSON.stringify once"],
    ['"ping"', 'Write {"type":"ping"}'],
    ["ping", 'Write {"type":"ping"}'],
    ["", "The message is empty"],
    ["[object Object]", "Send JSON.stringify(frame)"],
    ["{type:'subscribe'}", "double quotes"],
    ["{'type':'subscribe'}", "double quotes"],
    ["true", "must be a JSON object such as"],
    ['\uFEFF{"type":"ping"}', "byte order mark"],
    ['{"type":"ping"}{"type":"ping"}', "Send each frame in a message of its own"],
    ['{"type":"ping"}\n{"type":"ping"}\n', "Send each frame in a message of its own"],
    ['{"type":"ping"}\0', "something comes after it"],
    ['{"type":"ping",}', "this one is not JSON (Expected"],
    ['{"type":"ping","id":NaN}', "this one is not JSON (Unexpected"],
    ['{"type":"ping"', "this one is not JSON (Expected"],
    ["{“type”:“ping”}", "this one is not JSON (Expected"],
    // Ids.
    ['{"type":"ping","id":1e400}', "comes back as it is"],
    ['{"type":"ping","id":9007199254740993}', "comes back as it is"],
    ['{"type":"ping","id":1.0}', "comes back as it is"],
    ['{"type":"ping","id":-0}', "comes back as it is"],
    ['{"type":"nothing","id":1e3}', "comes back as it is"],
    ['{"type":"ping","id":true}', "text of up to 64"],
  ])("says what to write instead of %s", (text, sentence) => {
    const parsed = parseFrame(text);
    expect("message" in parsed && parsed.message).toContain(sentence);
    expect(parsed).not.toMatchObject({ message: expect.stringMatching(/invalid input/i) });
  });

  it("gives back no id that it could not write again", () => {
    for (const id of ["1.0", "1e2", "-0", "9007199254740993", "1e400"])
      expect(parseFrame(`{"type":"ping","id":${id}}`)).toMatchObject({ error: "bad_message", id: undefined });
    expect(parseFrame('{"type":"ping","id":1.5}')).toEqual({ frame: { type: "ping", id: 1.5 } });
  });

  it("shows only frames that are right", () => {
    const shown = [
      "{}",
      '{"type":"subscribe"}',
      '{"type":"unsubscribe"}',
      '{"type":"history"}',
      '{"type":"auth"}',
      "",
    ]
      .map((text) => parseFrame(text))
      .map((parsed) => /\{"type".*\}/.exec("message" in parsed ? parsed.message : "")?.[0] ?? "");
    for (const text of shown) expect(parseFrame(text)).toHaveProperty("frame");
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
