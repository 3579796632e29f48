import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { doctorReport, runProgram, type DoctorReport } from "@commcoin/cli";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect } from "vitest";
import { killAll } from "../support/service-process.ts";
import { startService, type RunningService } from "../support/start-service.ts";

export const ADMIN_TOKEN = "an-admin-token-of-the-test";
export const JWT_SECRET = "a-secret-of-32-bytes-for-the-test";

/** As docs/deployment.md asks for. */
export const GOOD_REDIS = [
  "--appendonly",
  "yes",
  "--maxmemory",
  "256mb",
  "--client-output-buffer-limit",
  "pubsub 256mb 64mb 30",
] as const;

/** A cluster of real processes, and the environment that an operator has of it. */
export interface Deployment {
  readonly redis: RedisServer;
  readonly localnet: Localnet;
  readonly env: Readonly<Record<string, string>>;
  start(
    app: "gateway" | "listener" | "admin",
    serverId: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<RunningService>;
  stop(): Promise<void>;
}

/** Starts two nodes, Redis, an admin service and a listener; gateways are the tests'. */
export async function startDeployment(env: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const redis = await startRedisServer({ args: GOOD_REDIS });
  const localnet = await createLocalnet({ endpoints: 2, market: { transactionsPerSecond: 5 } });
  const shared = {
    REDIS_URL: redis.url,
    SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(","),
    SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(","),
    ADMIN_TOKEN,
    ...env,
  };
  const start: Deployment["start"] = (app, serverId, own = {}) =>
    startService(app, { SERVER_ID: serverId, SHUTDOWN_DRAIN_SECONDS: "0", ...shared, ...own });
  const [admin] = await Promise.all([start("admin", "admin-1"), start("listener", "listener-1")]);
  return {
    redis,
    localnet,
    env: { ...shared, COMMCOIN_ADMIN_URL: `http://localhost:${admin.port}` },
    start,
    async stop() {
      await killAll();
      await localnet.stop();
      await redis.stop();
    },
  };
}

export interface Examination {
  readonly code: number;
  readonly report: DoctorReport;
  /** What was found: `id subject: says → remedy`. */
  readonly findings: readonly string[];
}

const runDoctor = async (env: Readonly<Record<string, string>>, args: readonly string[]) => {
  let out = "";
  let err = "";
  const code = await runProgram(
    {
      env,
      write: (text) => (out += text),
      warn: (text) => (err += text),
      signal: new AbortController().signal,
    },
    ["doctor", ...args],
  );
  return { code, out, err };
};

/** Runs the command as somebody at a terminal would. */
export async function examine(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Examination> {
  const { code, out, err } = await runDoctor(env, ["--json", ...args]);
  expect(err).toBe("");
  const report = doctorReport.parse(JSON.parse(out));
  const findings = report.checks
    .filter(({ status }) => status === "warning" || status === "error")
    .map(({ id, subject, says, remedy }) => `${id} ${subject ?? "-"}: ${says} → ${remedy}`);
  expect(report.ok).toBe(findings.length === 0);
  expect(code).toBe(findings.length === 0 ? 0 : 1);
  expect(report.duration_ms).toBeLessThan(20_000);
  return { code, report, findings };
}

/** The same, until the services have started and settled. */
export async function untilWell(env: Readonly<Record<string, string>>): Promise<void> {
  await eventually(async () => expect((await examine(env)).findings).toEqual([]), 60_000);
}
