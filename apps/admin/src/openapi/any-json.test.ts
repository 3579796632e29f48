import { describe, expect, it } from "vitest";
import { anyJson } from "./any-json.ts";

describe("anyJson", () => {
  it("frees the places of any JSON value from a reference to nowhere", () => {
    const schema = {
      properties: {
        data: { $ref: "#/components/schemas/schema0", description: "Anything" },
        list: [{ $ref: "#/components/schemas/schema12" }],
      },
    };
    expect(anyJson(schema)).toEqual({ properties: { data: { description: "Anything" }, list: [{}] } });
  });

  it("leaves references to named schemas and fields of that name alone", () => {
    const schema = { a: { $ref: "#/components/schemas/Position" }, properties: { $ref: { type: "string" } } };
    expect(anyJson(schema)).toEqual(schema);
  });
});
