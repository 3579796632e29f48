import { z } from "zod";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A schema that contains itself; the only one of the protocol is "any JSON value", for which `{}` stands. */
const RECURSIVE_REFERENCE = /^#\/definitions\//;

const isObject = (node: Json): node is JsonObject =>
  typeof node === "object" && node !== null && !Array.isArray(node);

function embeddable(node: Json): Json {
  if (Array.isArray(node)) return node.map(embeddable);
  if (!isObject(node)) return node;
  if (typeof node["$ref"] === "string" && RECURSIVE_REFERENCE.test(node["$ref"])) {
    const { $ref: _, ...rest } = node;
    return embeddable(rest);
  }
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== "$schema" && key !== "definitions")
      .map(([key, value]) => [key, embeddable(value)]),
  );
}

/**
 * A schema as JSON Schema draft 7, on which AsyncAPI's schema objects are built, complete in itself. It says what must be
 * there, not what must not: a reader ignores the fields that it does not know.
 */
export function jsonSchema(schema: z.ZodType): JsonObject {
  const written = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return embeddable(written as unknown as JsonObject) as JsonObject;
}
