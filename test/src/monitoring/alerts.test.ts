import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { isInstalled } from "./program.ts";
import { alertRules, recordingRules } from "./rules.ts";

const folder = fileURLToPath(new URL("../../../infra/prometheus/", import.meta.url));
const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const promtool = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
  return status === 0 ? "ok" : `${stdout}${stderr}`;
};

describe.skipIf(!isInstalled("promtool"))("Prometheus' own tool", () => {
  it("takes the configuration and the rules", () => {
    expect(promtool("check", "config", "prometheus.yml")).toBe("ok");
  });

  it("finds that the rules fire when they have to, and not before", () => {
    expect(promtool("test", "rules", "alerts.test.yml")).toBe("ok");
  });
});

const names = alertRules.map(({ alert }) => alert);

describe("alerts", () => {
  it("have tests of promtool in which they fire, and in which they do not", () => {
    const check = z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) });
    const { tests } = z
      .object({ tests: z.array(z.object({ alert_rule_test: z.array(check) })) })
      .parse(parse(read("infra/prometheus/alerts.test.yml")));
    const checks = tests.flatMap((test) => test.alert_rule_test);
    const tested = (fires: boolean): ReadonlySet<string> =>
      new Set(
        checks.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname),
      );
    expect(tested(true)).toEqual(new Set(names));
    expect(tested(false)).toEqual(new Set(names));
  });

  it("read every figure that is recorded", () => {
    const unused = recordingRules.filter(
      ({ record }) => !alertRules.some(({ expr }) => expr.includes(record)),
    );
    expect(unused).toEqual([]);
    expect(recordingRules.length).toBeGreaterThan(0);
  });
});

describe("docs/operations.md", () => {
  const section = /^## Alerts\n([\s\S]*?)(?=^## )/m.exec(read("docs/operations.md"))?.[1] ?? "";
  const entries = section
    .split(/^### /m)
    .slice(1)
    .map((entry) => ({ name: entry.slice(0, entry.indexOf("\n")), text: entry }));

  it("has an entry for every alert in the order of the rules, and no other", () => {
    expect(new Set(names).size).toBe(names.length);
    expect(entries.map(({ name }) => name)).toEqual(names);
  });

  it.each(entries)("says of $name what it means, where to look first, and what to do", ({ text }) => {
    expect(text).toMatch(/^\*\*Means:\*\* \S[\s\S]*^\*\*First look:\*\* \S[\s\S]*^\*\*Remedy:\*\* \S/m);
  });

  it.each(alertRules)("is where $alert leads", ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
  });
});
