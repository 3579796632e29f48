import { readFileSync } from "node:fs";
import { adminVariables, createAdmin } from "@commcoin/admin";
import { createMemoryBroker } from "@commcoin/broker";
import { createGateway, gatewayVariables } from "@commcoin/gateway";
import { createListener, listenerVariables } from "@commcoin/listener";
import { createLocalnet } from "@commcoin/localnet";
import { loadConfig } from "@commcoin/service/config";
import { composeServices } from "@commcoin/service/lifecycle";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboards, panelsOf } from "./monitoring/dashboards.ts";
import { alertRules, recordingRules } from "./monitoring/rules.ts";
import { openClient } from "./support/message-client.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const expressions = [
  ...dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ file: dashboard.file, title, expr })),
    ),
  ),
  ...alertRules.map(({ alert, expr }) => ({ file: "alerts.yml", title: alert, expr })),
  ...recordingRules.map(({ record, expr }) => ({ file: "alerts.yml", title: record, expr })),
];

/** Metrics by name, as docs/metrics.md has them, with their labels. */
const documented = new Map(
  [...read("docs/metrics.md").matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)].flatMap(
    ([, name = "", type, labels = ""]) =>
      (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]).map(
        (series) => [series, new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label))] as const,
      ),
  ),
);

/** Written by Prometheus itself, and what its rules record. */
const BUILT_IN = new Set(["up", "ALERTS", ...recordingRules.map(({ record }) => record)]);
/** Given to every series by Prometheus; to all of a gateway with GATEWAY_WORKERS; and to `ALERTS` by the rules. */
const GIVEN_LABELS = new Set(["job", "instance", "worker", "alertname", "alertstate", "severity"]);
/** Counted by the supervisor of GATEWAY_WORKERS, and by a broker that has connections: not by what runs here. */
const ELSEWHERE = /^commcoin_(?:gateway_worker_|broker_proof_age_|broker_rebuilds_)/;
/** Their alerts compare shares over minutes, to which the first one of a kind does not matter. */
const COUNTED_AS_SHARES = new Set(["commcoin_listener_rpc_requests_total"]);
const OPERATORS = new Set(["and", "or", "unless", "bool", "offset"]);

/** Names of the metrics that a PromQL expression reads. */
function metricNames(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, "")
    .replaceAll(/\{[^}]*\}/g, " ")
    .replaceAll(/\[[^\]]*\]/g, " ")
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const names = [...bare.matchAll(/\b([a-zA-Z_:][\w:]*)\s*(\(?)/g)]
    .filter(([, name = "", call]) => call === "" && !OPERATORS.has(name))
    .map(([, name = ""]) => name);
  return [...new Set(names)];
}

/** Labels that an expression tells series of a metric apart by; those of all its metrics, where none is named. */
function labelsOf(expression: string, metric = "\\w+"): readonly string[] {
  const selectors = expression.matchAll(new RegExp(`\\b${metric}\\{([^}]*)\\}`, "g"));
  const matchers = [...selectors].flatMap(([, inside = ""]) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
  );
  const lists = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, inside = ""]) =>
    inside.split(",").map((label) => label.trim()),
  );
  return [...new Set([...matchers, ...lists])];
}

/** Labels of a metric's series; null while it has none. */
function exposedLabels(page: string, metric: string): ReadonlySet<string> | null {
  const series = page.split("\n").filter((line) => line.startsWith(`${metric}{`));
  if (series.length === 0) return null;
  return new Set(series.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label = ""]) => label)));
}

/** What an expression wants the growth of: a metric, and the values of its labels that are named one by one. */
function growing(expression: string): readonly { readonly metric: string; readonly labels: string }[] {
  const ranges = expression.matchAll(/\b(?:rate|increase)\((\w+)(?:\{([^}]*)\})?\[/g);
  return [...ranges].flatMap(([, metric = "", inside = ""]) => {
    const [, label, values = ""] = /(\w+)=~?"([^"]*)"/.exec(inside) ?? [];
    return values.split("|").map((value) => ({ metric, labels: label ? `${label}="${value}"` : "" }));
  });
}

/** Names of the series that a `/metrics` page has, or will have once something is counted. */
function exposedNames(page: string): readonly string[] {
  return [...page.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = "", type]) => {
    if (type === "histogram") return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
    if (type === "summary") return [name, `${name}_sum`, `${name}_count`];
    return [name];
  });
}

describe("metricNames", () => {
  it.each([
    ["sum(rate(a_total[5m]))", ["a_total"]],
    ["histogram_quantile(0.99, sum by (le, origin) (rate(b_bucket[$__rate_interval])))", ["b_bucket"]],
    ['max(c{of="node, d"} - on(instance) c{of=~"x|y"}) > 1e3', ["c"]],
    ["sum(a) by (x) / count(up) or vector(0)", ["a", "up"]],
  ])("finds those of %s", (expression, names) => {
    expect(metricNames(expression)).toEqual(names);
  });
});

describe("dashboards and alerts", () => {
  it("read only metrics that docs/metrics.md has, by labels that these have", () => {
    const wrong = expressions.flatMap(({ file, title, expr }) =>
      metricNames(expr)
        .filter((metric) => !BUILT_IN.has(metric) && !documented.has(metric))
        .map((metric) => ({ file, title, metric })),
    );
    expect(wrong).toEqual([]);
    const foreign = expressions.flatMap(({ file, title, expr }) => {
      const known = new Set(metricNames(expr).flatMap((metric) => [...(documented.get(metric) ?? [])]));
      return labelsOf(expr)
        .filter((label) => !known.has(label) && !GIVEN_LABELS.has(label) && label !== "le")
        .map((label) => ({ file, title, label }));
    });
    expect(foreign).toEqual([]);
    expect(documented.size).toBeGreaterThan(100);
  });
});

describe.each(dashboards)("the dashboard $file", (dashboard) => {
  const { panels } = dashboard;

  it("gives every panel an id and a place of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it("says at the beginning of every row what it is about", () => {
    expect(panels[0]?.type).toBe("row");
    const headings = panels.filter(({ type }) => type === "row");
    expect(new Set(headings.map(({ title }) => title)).size).toBe(headings.length);
  });

  it("asks for nothing twice under one legend", () => {
    for (const { targets } of panelsOf(dashboard)) {
      expect(new Set(targets.map(({ legendFormat }) => legendFormat)).size).toBe(targets.length);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  it("leaves the data source to whoever looks, and uses the variables that it has", () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    expect(names[0]).toBe("datasource");
    const used = panelsOf(dashboard).flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name)),
    );
    const known = new Set([...names.slice(1), "__rate_interval"]);
    expect(new Set(used)).toEqual(known);
  });
});

describe("three services on one broker", () => {
  const broker = createMemoryBroker();
  const common = { broker, logger: silentLogger };
  const env = { SERVER_ID: "one", WEBSOCKET_PORT: "0", ADMIN_PORT: "0", LISTENER_PORT: "0" };
  const admin = createAdmin({ ...common, config: loadConfig(adminVariables, env) });
  const gateway = createGateway({ ...common, config: loadConfig(gatewayVariables, env) });
  const cleanUps: (() => Promise<unknown>)[] = [];
  const page = async (port: number): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  let firstPages = "";
  let pages = "";

  beforeAll(async () => {
    const localnet = await createLocalnet({ slotMs: 50, market: { transactionsPerSecond: 20 } });
    cleanUps.push(() => localnet.stop());
    const nodes = { SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl };
    const listener = createListener({
      ...common,
      config: loadConfig(listenerVariables, { ...env, ...nodes }),
    });
    const services = composeServices([gateway, listener, admin]);
    cleanUps.push(() => services.stop());
    await services.start();
    const allPages = async (): Promise<string> =>
      (await Promise.all([gateway.port, listener.port, admin.port].map(page))).join("\n");
    firstPages = await allPages();
    const client = await openClient(
      `ws://127.0.0.1:${gateway.port}/ws?user_id=alice&subscriptions=transactions,market_data`,
    );
    cleanUps.push(() => client.close());
    client.send({ type: "subscribe", data: { topic: "Bad Topic" } });
    await client.waitFor(({ type }) => type === "error");
    await client.waitFor(({ type, offset = 0 }) => type === "TransactionUpdate" && offset >= 16);
    await fetch(`http://127.0.0.1:${admin.port}/api/servers`);
    pages = await allPages();
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  it("expose every metric that a dashboard reads", () => {
    const exposed = new Set([...exposedNames(pages), ...BUILT_IN]);
    const missing = expressions.flatMap(({ file, title, expr }) =>
      metricNames(expr)
        .filter((metric) => !exposed.has(metric) && !ELSEWHERE.test(metric))
        .map((metric) => ({ file, title, metric })),
    );
    expect(missing).toEqual([]);
    expect(expressions.length).toBeGreaterThan(0);
  });

  it("begin at 0 what an alert watches for growth: of a series that begins with its first event, that one is not seen", () => {
    const lines = firstPages.split("\n");
    const watched = expressions
      .filter(({ file }) => file === "alerts.yml")
      .flatMap(({ title, expr }) => growing(expr).map((series) => ({ title, ...series })));
    const missing = watched.filter(
      ({ metric, labels }) =>
        !ELSEWHERE.test(metric) &&
        !COUNTED_AS_SHARES.has(metric) &&
        !lines.some((line) => line.startsWith(`${metric}{`) && line.includes(labels)),
    );
    expect(missing).toEqual([]);
    expect(watched).toContainEqual({
      title: "ClientsRefused",
      metric: "commcoin_gateway_refused_total",
      labels: 'code="server_full"',
    });
  });

  it("have the labels that a dashboard tells their series apart by", () => {
    const missing = expressions.flatMap(({ file, title, expr }) =>
      metricNames(expr).flatMap((metric) => {
        const labels = exposedLabels(pages, metric);
        if (labels === null) return [];
        const unknown = labelsOf(expr, metric).filter(
          (label) => !labels.has(label) && !GIVEN_LABELS.has(label),
        );
        return unknown.map((label) => ({ file, title, metric, label }));
      }),
    );
    expect(missing).toEqual([]);
    expect(exposedLabels(pages, "commcoin_listener_slot")).toContain("of");
  });

  it("agree on who is connected", async () => {
    const stats = async (port: number): Promise<unknown> =>
      (await fetch(`http://127.0.0.1:${port}/api/ws/connections`)).json();
    const one = { total_connections: 1, active_users: 1, subscriptions: 2, server_id: "one" };
    expect(await stats(gateway.port)).toEqual(one);
    await eventually(async () => expect(await stats(admin.port)).toMatchObject({ ...one, servers: [one] }));
  });
});
