import { validatorCompiler } from "fastify-type-provider-zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { broadcastTarget } from "./broadcast-target.ts";
import { validationMessage } from "./validation-message.ts";

/** What the server says of a body, by way of the validator that the server uses. */
function complaint(schema: z.ZodType, body: unknown): string {
  const validate = validatorCompiler({ schema, method: "POST", url: "/", httpPart: "body" });
  const { error } = validate(body) as unknown as { readonly error: readonly unknown[] };
  return validationMessage(error, "body");
}

describe("validationMessage", () => {
  it("names every field that is wrong", () => {
    const schema = z.object({
      a: z.object({ b: z.string("must be text") }),
      c: z.number("must be a number"),
    });
    expect(complaint(schema, { a: { b: 1 }, c: "x" })).toBe("a.b: must be text; c: must be a number");
  });

  it("names the part of the request where there is no field", () => {
    expect(complaint(z.object({}, "must be an object"), 7)).toBe("body: must be an object");
  });

  it("explains the alternative that was meant", () => {
    const message = complaint(z.object({ target: broadcastTarget }), { target: { topic: "No Topic" } });
    expect(message).toMatch(/^target\.topic: /);
  });

  it.each([{}, { topic: "a", user_id: "b" }, "all", null])(
    "lists the alternatives where none was meant: %j",
    (target) => {
      expect(complaint(z.object({ target: broadcastTarget }), { target })).toMatch(
        /^target: must be exactly one of /,
      );
    },
  );

  it("speaks plainly of what is missing, of another type, and of types that there are not", () => {
    const schema = z.discriminatedUnion("type", [
      z.object({ type: z.literal("a"), text: z.string(), count: z.coerce.number(), other: z.string() }),
      z.object({ type: z.literal("b") }),
    ]);
    expect(complaint(schema, { type: "a", text: 5, count: "ten" })).toBe(
      "text: must be of type string, and is of type number; count: must be a number; other: is missing (string)",
    );
    expect(complaint(schema, { type: "A" })).toBe("type: must be one of 'a' | 'b'");
  });

  it("says the same thing once", () => {
    const twice = z
      .string()
      .refine(() => false, "is wrong")
      .refine(() => false, "is wrong");
    expect(complaint(z.object({ a: twice }), { a: "x" })).toBe("a: is wrong");
  });

  it("stops after ten problems", () => {
    const schema = z.array(z.string("must be text"));
    const message = complaint(
      schema,
      Array.from({ length: 25 }, (_, index) => index),
    );
    expect(message.split("; ")).toHaveLength(11);
    expect(message).toMatch(/; and 15 more$/);
  });
});
