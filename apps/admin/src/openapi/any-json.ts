/** How the zod provider refers to a schema that contains itself and has no name. */
const UNNAMED_REFERENCE = /^#\/components\/schemas\/schema\d+$/;

/**
 * Replaces references to unnamed recursive schemas, which the zod provider writes and never defines. The only such
 * schema of the protocol is "any JSON value", for which JSON Schema has the empty schema.
 */
export function anyJson(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(anyJson);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === "$ref" && typeof value === "string" && UNNAMED_REFERENCE.test(value)
        ? []
        : [[key, anyJson(value)]],
    ),
  );
}
