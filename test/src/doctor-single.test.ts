import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, examine, untilWell } from "./doctor/deployment.ts";
import { killAll, startProcess } from "./support/service-process.ts";

let localnet: Localnet;
let env: Record<string, string>;

beforeAll(async () => {
  localnet = await createLocalnet({ market: { transactionsPerSecond: 5 } });
  const own = {
    MESSAGE_BROKER_ENABLED: "false",
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
    ADMIN_TOKEN,
  };
  const standalone = startProcess("apps/standalone/src/main.ts", {
    SERVER_ID: "server-1",
    WEBSOCKET_PORT: "0",
    ADMIN_PORT: "0",
    LISTENER_PORT: "0",
    ...own,
  });
  const { port } = await standalone.says(
    ({ module, port }) => module === "admin" && typeof port === "number",
  );
  env = { ...own, COMMCOIN_ADMIN_URL: `http://localhost:${Number(port)}` };
  await untilWell(env);
});
afterAll(async () => {
  await killAll();
  await localnet.stop();
});

describe("commcoin doctor, of a single process without Redis", () => {
  it("sends a message through its gateway, and says why it looks at no Redis", async () => {
    const { report } = await examine(env);
    expect(report.checks).toContainEqual(
      expect.objectContaining({ id: "gateways.round-trip", subject: "server-1", status: "ok" }),
    );
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        id: "redis.connection",
        status: "skipped",
        says: expect.stringContaining("needs none") as string,
      }),
    );
  });

  it("knows it by its admin service, where the environment does not say so", async () => {
    const { MESSAGE_BROKER_ENABLED: _, ...bare } = env;
    const { findings, report } = await examine(bare);
    expect(findings).toEqual([]);
    expect(report.checks.filter(({ id }) => id.startsWith("redis."))).toMatchObject([{ status: "skipped" }]);
  });

  it("finds that an environment with a Redis is that of another deployment", async () => {
    const { MESSAGE_BROKER_ENABLED: _, ...bare } = env;
    const { findings } = await examine({ ...bare, REDIS_URL: "redis://127.0.0.1:65533" });
    expect(findings).toContainEqual(expect.stringMatching(/^configuration\.deployment REDIS_URL: /));
    expect(findings).toContainEqual(expect.stringMatching(/^redis\.connection .*ECONNREFUSED/));
  });

  it.each([
    ["workers", { GATEWAY_WORKERS: "4" }, /^configuration\.variables GATEWAY_WORKERS: must be 1/],
    ["a wrong token", { ADMIN_TOKEN: "another-token-of-the-test" }, /^admin\.token /],
  ])("finds %s", async (_, wrong, expected) => {
    expect((await examine({ ...env, ...wrong })).findings).toEqual([expect.stringMatching(expected)]);
  });
});
