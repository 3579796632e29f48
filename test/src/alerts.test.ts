import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../infra/prometheus/", import.meta.url));
const promtool = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, encoding: "utf8" });
  return status === 0 ? "ok" : `${stdout}${stderr}`;
};
const isInstalled = spawnSync("promtool", ["--version"]).status === 0;

describe.skipIf(!isInstalled)("Prometheus' own tool", () => {
  it("takes the configuration and the rules", () => {
    expect(promtool("check", "config", "prometheus.yml")).toBe("ok");
  });

  it("finds that the rules fire when they have to, and not before", () => {
    expect(promtool("test", "rules", "alerts.test.yml")).toBe("ok");
  });
});
