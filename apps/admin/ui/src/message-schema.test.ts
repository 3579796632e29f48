import { MESSAGE_TYPES } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import document from "../../../../docs/openapi.json" with { type: "json" };
import { messageFields, readFields, type ApiDocument, type Field } from "./message-schema.ts";

const fields = messageFields(document as unknown as ApiDocument);
const field = (type: string, name: string): Field | undefined =>
  fields.get(type)?.find((one) => one.name === name);

describe("forms", () => {
  it("are made for every message that can be published", () => {
    expect([...fields.keys()].toSorted()).toEqual(MESSAGE_TYPES.toSorted());
    for (const [type, list] of fields) expect([type, list.length]).not.toEqual([type, 0]);
  });

  it.each([
    ["Notification", "title", { kind: "text", required: true, nullable: false }],
    ["Notification", "user_id", { kind: "text", required: true, nullable: true }],
    ["Notification", "data", { kind: "json", required: false }],
    ["TokenPriceUpdate", "slot", { kind: "number", required: true }],
    [
      "TransactionUpdate",
      "status",
      { kind: "choice", choices: ["processed", "confirmed", "finalized", "failed"] },
    ],
    ["TransactionUpdate", "accounts", { kind: "json", required: true }],
  ])("have a fitting field: %s.%s", (type, name, expected) => {
    expect(field(type, name)).toMatchObject(expected);
  });

  it("are none where the document has no such route", () => {
    expect(messageFields({ paths: {} }).size).toBe(0);
  });
});

describe("what was typed", () => {
  const read = (type: string, typed: Record<string, string>): unknown =>
    readFields(fields.get(type) ?? [], new Map(Object.entries(typed)));

  it("becomes the data: nothing as null, or left out", () => {
    const typed = { user_id: "", title: "Hi", message: "You", notification_type: "info", data: "" };
    expect(read("Notification", typed)).toEqual({
      user_id: null,
      title: "Hi",
      message: "You",
      notification_type: "info",
    });
    expect(read("Notification", { ...typed, data: '{"a":1}' })).toMatchObject({ data: { a: 1 } });
  });

  it.each([
    ["Notification", { data: "{" }, "data must be JSON"],
    ["TokenPriceUpdate", { slot: "x" }, "slot must be a number"],
    ["TokenPriceUpdate", { slot: "" }, "slot must be a number"],
  ])("is refused where it cannot be: %s %j", (type, typed, message) => {
    expect(() => read(type, typed)).toThrow(message);
  });
});
