import { expect, it } from "vitest";
import { dashboards, type Dashboard } from "./dashboards.ts";
import { substitutions } from "./grafana-variables.ts";

const expression = 'rate(a_total{instance=~"$server"}[$__rate_interval])';
const resolution = { stepSeconds: 1, scrapeSeconds: 2 };
const gateway = dashboards.find(({ file }) => file === "gateway.json") as Dashboard;
const offering = (...values: readonly string[]) => ({ valuesOf: () => Promise.resolve(values) });

it("asks about all servers, or those that are chosen, as Grafana does", async () => {
  const two = await substitutions(gateway, offering("a:80", "b.c:80"), resolution);
  expect(two.all(expression)).toBe('rate(a_total{instance=~".*"}[8s])');
  expect(two.chosen(expression)).toBe(String.raw`rate(a_total{instance=~"(a:80|b\\.c:80)"}[8s])`);
  const one = await substitutions(gateway, offering("b.c:80"), { stepSeconds: 60, scrapeSeconds: 5 });
  expect(one.chosen(expression)).toBe(String.raw`rate(a_total{instance=~"b\\.c:80"}[65s])`);
});

it("refuses a variable that the dashboard does not have, and one without a choice", async () => {
  const { all } = await substitutions(gateway, offering("a:80"), resolution);
  expect(() => all("a[$range]")).toThrow("gateway.json has no variable range.");
  await expect(substitutions(gateway, offering(), resolution)).rejects.toThrow(
    "nothing to choose for server",
  );
});
