import { describe, expect, it } from "vitest";
import { alertRules } from "./rules.ts";
import { groupingsOf, selectorsOf } from "./selectors.ts";

describe("selectorsOf", () => {
  it.each([
    ["sum(rate(a_total[5m])) > 1e3", ["a_total"]],
    ['max(a{of="node, d"} and on (instance) b == 1) > 1000', ['a{of="node, d"}', "b"]],
    ['{__name__=~"x_(y|z)", check="c"} == 0', ['{__name__=~"x_(y|z)", check="c"}']],
    ["sum(a) != 1 or absent(a)", ["a"]],
    ["level:metric:p99_5m > 0.25", ["level:metric:p99_5m"]],
  ])("finds what %s reads", (expression, selectors) => {
    expect(selectorsOf(expression)).toEqual(selectors);
  });

  it("finds something in every alert", () => {
    for (const { alert, expr } of alertRules) expect([alert, selectorsOf(expr)]).not.toEqual([alert, []]);
  });
});

describe("groupingsOf", () => {
  it("finds the labels of by and on", () => {
    expect(groupingsOf("sum by (le, call) (a) and on (instance) b")).toEqual(["le", "call", "instance"]);
  });
});
