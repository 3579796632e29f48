import { adminVariables, createAdmin } from "@commcoin/admin";
import { createMemoryBroker } from "@commcoin/broker";
import { createGateway, createWorkerMetrics, gatewayVariables } from "@commcoin/gateway";
import { createListener, listenerVariables } from "@commcoin/listener";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { Registry } from "prom-client";
import { cell, code, table } from "./markdown.mjs";

/** As a Redis broker has it, which has metrics of its own. */
const proof = () => ({ ageMs: 0, rebuilds: 0 });
const damages = () => new Map();
const common = { broker: { ...createMemoryBroker(), proof, damages }, logger: silentLogger };
const SERVICES = {
  gateway() {
    createGateway({ ...common, config: loadConfig(gatewayVariables, {}) });
    createWorkerMetrics(1, () => []);
  },
  listener: () => createListener({ ...common, config: loadConfig(listenerVariables, {}) }),
  admin: () => createAdmin({ ...common, config: loadConfig(adminVariables, {}) }),
};

/** Creates a service, without starting it, and returns what it registered with its registry of metrics. */
async function registeredBy(create) {
  const registries = new Set();
  const original = Object.getOwnPropertyDescriptor(Registry.prototype, "registerMetric");
  Registry.prototype.registerMetric = function registerAndNote(metric) {
    registries.add(this);
    original.value.call(this, metric);
  };
  try {
    create();
  } finally {
    Object.defineProperty(Registry.prototype, "registerMetric", original);
  }
  const pages = await Promise.all([...registries].map(describe));
  return pages.flat();
}

async function describe(registry) {
  const labels = new Map(registry.getMetricsAsArray().map(({ name, labelNames }) => [name, labelNames]));
  return (await registry.getMetricsAsJSON()).map(({ name, type, help }) => ({
    name,
    type,
    help,
    labels: labels.get(name) ?? [],
  }));
}

const isOurs = ({ name }) => name.startsWith("commcoin_");
const byName = (left, right) => (left.name < right.name ? -1 : 1);

const rows = (metrics) =>
  table(
    ["name", "type", "labels", "meaning"],
    metrics
      .toSorted(byName)
      .map(({ name, type, labels, help }) => [
        code(name),
        type,
        labels.length === 0 ? "–" : labels.map(code).join(", "),
        cell(help),
      ]),
  );

/** docs/metrics.md */
export async function metrics() {
  const sections = [];
  const process = new Map();
  for (const [service, create] of Object.entries(SERVICES)) {
    const registered = await registeredBy(create);
    if (!registered.some(isOurs)) throw new Error(`The ${service} has no metrics of its own.`);
    sections.push(`## ${service}\n\n${rows(registered.filter(isOurs))}`);
    for (const metric of registered.filter((metric) => !isOurs(metric))) process.set(metric.name, metric);
  }
  return `# Metrics

Every service answers \`GET /metrics\` on its port in the text format of Prometheus: the gateway on \`WEBSOCKET_PORT\`, the
listener on \`LISTENER_PORT\`, the admin service on \`ADMIN_PORT\`. Every series carries the label \`service\` (\`gateway\`,
\`listener\` or \`admin\`); with \`GATEWAY_WORKERS\`, those of a gateway have \`worker\` too, and any worker answers for all. No label holds an address, a user, a topic or anything else without bound. Counters are since the
start of the process; a histogram \`x\` has the series \`x_bucket\`, \`x_sum\` and \`x_count\`. What to look at, and when, is in
[operations.md](operations.md). This page is generated from the registries of the services: \`pnpm generate\`.

${sections.join("\n\n")}

## Every process

${rows([...process.values()])}
`;
}
