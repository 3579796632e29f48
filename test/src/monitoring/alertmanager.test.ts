import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERTMANAGER, startAlertmanager, type Alertmanager } from "./alertmanager.ts";
import { isInstalled } from "./program.ts";
import { alertRules } from "./rules.ts";

const file = fileURLToPath(new URL("../../../infra/prometheus/alertmanager.yml", import.meta.url));
const amtool = (...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync("amtool", args, { encoding: "utf8" });
  return status === 0 ? stdout : `${stdout}${stderr}`;
};

describe.skipIf(!isInstalled("amtool"))("alertmanager.yml", () => {
  it("is what Alertmanager's own tool takes", () => {
    expect(amtool("check-config", file)).toContain("SUCCESS");
  });

  it.each(alertRules)("sends $alert where its severity says", ({ alert, labels: { severity } }) => {
    const labels = [`alertname=${alert}`, `severity=${severity}`];
    const receiver = severity === "critical" ? "wake-somebody" : "look-in-the-morning";
    expect(amtool("config", "routes", "test", `--config.file=${file}`, ...labels).trim()).toMatch(
      new RegExp(String.raw`^${receiver}\b`),
    );
  });
});

describe.skipIf(!isInstalled(ALERTMANAGER))("Alertmanager with that configuration", () => {
  let alertmanager: Alertmanager;
  beforeAll(async () => {
    alertmanager = await startAlertmanager();
  });
  afterAll(() => alertmanager.stop());

  it("tells one thing once for all servers, and not what follows from it", async () => {
    const alerts = [
      ["RedisAway", "gateway-1"],
      ["RedisAway", "gateway-2"],
      ["TopicsStandStill", "gateway-1"],
      ["TopicsStandStill", "gateway-3"],
    ].map(([alertname, instance]) => ({ labels: { alertname, instance, severity: "critical" } }));
    await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
    });
    await eventually(() => {
      const told = alertmanager.notices.map(({ receiver, alerts }) => {
        const names = alerts.map(({ labels }) => `${labels.alertname} of ${labels.instance}`);
        return `${receiver}: ${names.toSorted().join(", ")}`;
      });
      expect(told.toSorted()).toEqual([
        "wake-somebody: RedisAway of gateway-1, RedisAway of gateway-2",
        "wake-somebody: TopicsStandStill of gateway-3",
      ]);
    });
  });
});
