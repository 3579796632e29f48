/** Deeper than any message of ours, and far from where recursion over it would overflow the stack. */
export const MAX_NESTING = 100;

/** Whether arrays and objects stand inside each other too deep. Does not recurse itself. */
export function isNestedTooDeep(value: unknown): boolean {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (node === null || typeof node !== "object") continue;
    if (depth === MAX_NESTING) return true;
    for (const child of Object.values(node)) open.push({ node: child, depth: depth + 1 });
  }
  return false;
}
