import { expect, it } from "vitest";
import { comparedIn } from "./compared.ts";

it.each([
  ["a > 40 or increase(b[10m]) > 0", ["a", "> 40"], ["increase(b[10m])", "> 0"]],
  ["max(a and on (b) c == 1) > 1000", ["max(a and on (b) c == 1)", "> 1000"]],
  ["(x or vector(0)) == 0", ["(x or vector(0))", "== 0"]],
  ['a{b="c or d"} == 0\n  or e unless f', ['a{b="c or d"}', "== 0"], ["e unless f", ""]],
  ["sum(a) != 1 or absent(a)", ["sum(a)", "!= 1"], ["absent(a)", ""]],
] as const)("takes %s apart", (expression, ...parts) => {
  expect(comparedIn(expression)).toEqual(parts.map(([expression, limit]) => ({ expression, limit })));
});
