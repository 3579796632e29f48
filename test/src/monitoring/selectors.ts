const OPERATORS = new Set(["and", "or", "unless", "bool", "offset"]);

/** `metric`, `metric{…}` and `{…}` of a PromQL expression: everything that it reads. */
export function selectorsOf(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\[[^\]]*\]/g, " ")
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const found = [...bare.matchAll(/([a-zA-Z_:][\w:]*)?(\{[^}]*\})|\b([a-zA-Z_:][\w:]*)\b(?!\s*[({])/g)]
    .map(([, name = "", matchers = "", alone = ""]) => alone || `${name}${matchers}`)
    .filter((selector) => !OPERATORS.has(selector));
  return [...new Set(found)];
}

/** Labels that an expression keeps apart, or compares by. */
export const groupingsOf = (expression: string): readonly string[] => [
  ...new Set(
    [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, inside = ""]) =>
      inside.split(",").map((label) => label.trim()),
    ),
  ),
];
