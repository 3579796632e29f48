import { downFrame } from "@commcoin/protocol";
import { expect, it } from "vitest";
import { readFrame } from "./frame.ts";
import { connectedFrame, event } from "./testing/machine.ts";

const at = { topic: "transactions", epoch: "e1", offset: 3 };

it.each([
  connectedFrame([at, { ...at, topic: "broadcast", recovered: true, replayed: 2 }]),
  { type: "subscribed", id: 1, data: { ...at, recovered: false, replayed: 0, reason: "trimmed" } },
  { type: "authenticated", data: { user_id: "u", expires_at: 1_700_000_000 } },
  { type: "authenticated", data: { user_id: "u", expires_at: null } },
  { type: "error", id: "x", data: { code: "forbidden", message: "no" } },
  { type: "reset", data: { ...at, reason: "epoch_changed" } },
  { type: "degraded", data: { reason: "redis" } },
  { type: "restored", data: { reason: "redis" } },
  event("transactions", 4),
])("reads the frame %j", (frame) => {
  expect(downFrame.safeParse(frame).success).toBe(true);
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});

it("takes a message of a type that it does not know yet, since it has a place in its topic", () => {
  const frame = { ...event("transactions", 4), type: "NewKind" };
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});

it.each([
  "",
  "{",
  "null",
  "[]",
  '"text"',
  "{}",
  '{"type":"connected"}',
  '{"type":"connected","data":{}}',
  '{"type":"connected","data":{"server_id":"s","heartbeat_interval":0,"subscriptions":[]}}',
  '{"type":"connected","data":{"server_id":"s","heartbeat_interval":30,"subscriptions":[{"topic":"t"}]}}',
  '{"type":"subscribed","data":{"topic":"t","epoch":"e","offset":-1}}',
  '{"type":"reset","data":{"topic":"t","epoch":"e","offset":1.5}}',
  '{"type":"authenticated","data":{}}',
  '{"type":"constructor","data":{}}',
  '{"type":"UserActivity","topic":"t","offset":"1","data":{}}',
  '{"type":"something_new","data":{}}',
  new ArrayBuffer(4),
])("makes nothing of %j", (text) => {
  expect(readFrame(text)).toBeNull();
});
