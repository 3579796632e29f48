import type { Broker, QuestionType } from "@commcoin/broker";
import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { TargetKind } from "./broadcast-target.ts";

/** From an answer out of memory to a Redis that is in trouble. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export interface AdminMetrics {
  /** @param route the pattern, never the URL: the number of label values has to stay bounded. */
  answered(method: string, route: string, status: number, seconds: number): void;
  broadcast(target: TargetKind): void;
  readonly broadcastLimited: () => void;
  /** @param missing gateways that did not answer in time. */
  readonly surveyed: (question: QuestionType, missing: number) => void;
}

export function createAdminMetrics(registry: Registry, broker: Broker): AdminMetrics {
  const brokerUp: Gauge = new Gauge({
    name: `${METRIC_PREFIX}admin_broker_up`,
    help: "1 while messages flow through the broker and it stores what it is given, as far as this server can tell",
    registers: [registry],
    collect: () => brokerUp.set((broker.problem() ?? broker.refusal()) === null ? 1 : 0),
  });
  const servers: Gauge<"kind" | "health"> = new Gauge({
    name: `${METRIC_PREFIX}admin_servers`,
    help: "Servers in the registry; none while it cannot be read",
    labelNames: ["kind", "health"],
    registers: [registry],
    async collect() {
      const registered = await broker.registry.servers().catch(() => []);
      servers.reset();
      for (const { service, health } of registered) servers.inc({ kind: service, health });
    },
  });
  const requests = new Counter({
    name: `${METRIC_PREFIX}admin_requests_total`,
    help: "Answered HTTP requests",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: `${METRIC_PREFIX}admin_request_duration_seconds`,
    help: "Time from the request's headers to the end of the answer",
    labelNames: ["route"],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const broadcasts = new Counter({
    name: `${METRIC_PREFIX}admin_broadcasts_total`,
    help: "Messages published through the API, duplicates included",
    labelNames: ["target"],
    registers: [registry],
  });
  const limited = new Counter({
    name: `${METRIC_PREFIX}admin_broadcasts_limited_total`,
    help: "Messages that were not taken because there were more per second than ADMIN_BROADCASTS_PER_SECOND",
    registers: [registry],
  });
  const surveys = new Counter({
    name: `${METRIC_PREFIX}admin_surveys_total`,
    help: "Questions and commands to the gateways, by whether all of them answered in time",
    labelNames: ["question", "result"],
    registers: [registry],
  });
  return {
    surveyed: (question, missing) =>
      surveys.inc({ question, result: missing === 0 ? "complete" : "partial" }),
    answered(method, route, status, seconds) {
      requests.inc({ method, route, status: String(status) });
      durations.observe({ route }, seconds);
    },
    broadcast(target) {
      broadcasts.inc({ target });
    },
    broadcastLimited: () => limited.inc(),
  };
}
