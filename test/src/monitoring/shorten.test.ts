import { describe, expect, it } from "vitest";
import { ruleGroups } from "./rules.ts";
import { shorten } from "./shorten.ts";

describe("shorten", () => {
  const rule = {
    alert: "Some",
    expr: "rate(a[5m]) > 0.1 or increase(b[1h]) > 5 or changes(c[1m]) == 0",
    for: "10m",
    labels: { severity: "warning" as const },
    annotations: { summary: "some", runbook_url: "docs" },
  };

  it("divides what is looked back over and held on to, and nothing else", () => {
    const file = { groups: [{ name: "group", rules: [rule] }] };
    expect(shorten(file, { range: 20, for: 60 })).toEqual({
      groups: [
        {
          name: "group",
          rules: [
            {
              ...rule,
              expr: "rate(a[15s]) > 0.1 or increase(b[180s]) > 5 or changes(c[10s]) == 0",
              for: "10s",
            },
          ],
        },
      ],
    });
  });

  it("leaves no minute in the rules that there are", () => {
    expect(JSON.stringify(shorten(ruleGroups, { range: 20, for: 60 }))).not.toMatch(
      /\[\d+[mh]\]|"for":"\d+m"/,
    );
  });
});
