import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { freePort } from "../support/free-port.ts";
import { startProgram } from "./program.ts";
import type { RuleFile } from "./rules.ts";

/** Longer than the answer of a service takes on a busy machine: what does not answer in that time is down. */
export const SCRAPE_MS = 2_000;

const labels = z.record(z.string(), z.string());
const matrix = z.object({
  data: z.object({
    result: z.array(z.object({ metric: labels, values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
});
const activeAlerts = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        labels: labels.and(z.object({ alertname: z.string() })),
        state: z.string(),
        value: z.string(),
      }),
    ),
  }),
});
const labelValues = z.object({ data: z.array(z.string()) });

/** A series over time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Of the points that are numbers, the oldest first. */
  readonly values: readonly number[];
}

export interface FiringAlert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  /** Unix seconds. @throws with what Prometheus says about an expression that it does not understand. */
  range(expression: string, from: number, to: number, stepSeconds: number): Promise<readonly Series[]>;
  firing(): Promise<readonly FiringAlert[]>;
  valuesOf(label: string, metric: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** Ports by job. */
  readonly targets: Readonly<Record<string, readonly number[]>>;
  readonly rules: RuleFile;
  readonly alertmanagerUrl?: string;
}

/** Debian's Prometheus, with the job names of infra/prometheus/prometheus.yml. */
export async function startPrometheus({
  targets,
  rules,
  alertmanagerUrl,
}: PrometheusOptions): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), "commcoin-prometheus-"));
  const port = await freePort();
  const interval = `${SCRAPE_MS}ms`;
  const alerting = {
    alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanagerUrl ?? "http://none").host] }] }],
  };
  await writeFile(join(directory, "alerts.yml"), stringify(rules));
  await writeFile(
    join(directory, "prometheus.yml"),
    stringify({
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ["alerts.yml"],
      ...(alertmanagerUrl === undefined ? {} : { alerting }),
      scrape_configs: Object.entries(targets).map(([job_name, ports]) => ({
        job_name,
        static_configs: [{ targets: ports.map((each) => `127.0.0.1:${each}`) }],
      })),
    }),
  );
  const program = await startProgram(
    "prometheus",
    [
      "--config.file=prometheus.yml",
      "--storage.tsdb.path=data",
      "--log.level=warn",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { port, directory },
  );
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${program.url}/api/v1/${path}`);
    if (!answer.ok) throw new Error(`${decodeURIComponent(path)}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    async range(expression, from, to, stepSeconds) {
      const query = new URLSearchParams({
        query: expression,
        start: String(from),
        end: String(to),
        step: String(stepSeconds),
      });
      const { data } = matrix.parse(await ask(`query_range?${query.toString()}`));
      return data.result.map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value)).filter(Number.isFinite),
      }));
    },
    async firing() {
      const { data } = activeAlerts.parse(await ask("alerts"));
      return data.alerts
        .filter(({ state }) => state === "firing")
        .map(({ labels, value }) => ({ alert: labels.alertname, labels, value: Number(value) }));
    },
    async valuesOf(label, metric) {
      const { data } = labelValues.parse(await ask(`label/${label}/values?match[]=${metric}`));
      return data;
    },
    async stop() {
      await program.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
