import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optional } from "./fields.ts";
import { loadConfig } from "./load-config.ts";
import { wrappedVariables } from "./wrapped-variables.ts";

const schema = z.object({
  ISSUER: optional(z.string(), { description: "Issuer" }),
  SECRET: optional(z.string(), { description: "Secret", secret: true }),
});
const namesOf = (env: Record<string, string>) => wrappedVariables(schema, env).map(({ name }) => name);

describe("values with something around them", () => {
  it.each(['"https://id.example/"', "'x'", ' "x"\r', "`x`"])(
    "are told where it is quotation marks: %j",
    (text) => {
      expect(namesOf({ ISSUER: text, SECRET: text })).toEqual(["ISSUER", "SECRET"]);
    },
  );

  it.each(["sesame\n", " sesame", "sesame\r"])(
    "are told where a secret has white space, which it keeps: %j",
    (text) => {
      expect(namesOf({ ISSUER: text, SECRET: text })).toEqual(["SECRET"]);
      expect(loadConfig(schema, { ISSUER: text, SECRET: text })).toEqual({
        ISSUER: text.trim(),
        SECRET: text,
      });
    },
  );

  it.each(["x", `it's`, `"a" or "b" or c`, '"', "", " "])("are not suspected in %j", (text) => {
    expect(namesOf({ ISSUER: text, SECRET: text })).toEqual([]);
  });
});
