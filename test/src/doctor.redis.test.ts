import { askRedis } from "@commcoin/broker/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  examine,
  GOOD_REDIS,
  JWT_SECRET,
  startDeployment,
  untilWell,
  type Deployment,
} from "./doctor/deployment.ts";
import { startRespProxy, withoutMessages } from "./doctor/resp-proxy.ts";
import type { RunningService } from "./support/start-service.ts";

let deployment: Deployment;
let first: RunningService;

beforeAll(async () => {
  deployment = await startDeployment();
  [first] = await Promise.all([
    deployment.start("gateway", "gateway-1"),
    deployment.start("gateway", "gateway-2"),
  ]);
  await untilWell(deployment.env);
});
afterAll(() => deployment.stop());

const configure = (...settings: readonly string[]): Promise<unknown> =>
  askRedis(deployment.redis, "CONFIG", "SET", ...settings);

/** As the deployment was begun. */
const GOOD = [...GOOD_REDIS, "--maxmemory-policy", "noeviction"].map((word) => word.replace(/^--/, ""));

/** Starts a gateway that is stopped, and gone from the registry, at the end of the test. */
async function withGateway(serverId: string, env: Record<string, string>): Promise<RunningService> {
  const gateway = await deployment.start("gateway", serverId, env);
  onTestFinished(async () => {
    gateway.process.kill("SIGCONT");
    gateway.process.kill("SIGTERM");
    await gateway.process.exit;
    await untilWell(deployment.env);
  });
  return gateway;
}

describe("commcoin doctor", () => {
  it("finds nothing where all is well, and reads as people do", async () => {
    const { code, report } = await examine(deployment.env);
    expect(code).toBe(0);
    expect(report.counts).toMatchObject({ error: 0, warning: 0, skipped: 0 });
    const trips = report.checks.filter(({ id }) => id === "gateways.round-trip");
    expect(new Map(trips.map(({ subject, status }) => [subject, status]))).toEqual(
      new Map([
        ["gateway-1", "ok"],
        ["gateway-2", "ok"],
      ]),
    );
  });

  describe("of Redis, finds", () => {
    afterEach(() => configure(...GOOD));

    it.each([
      [
        "no append-only file",
        ["appendonly", "no"],
        /^redis\.append-only .* → redis-cli CONFIG SET appendonly yes/,
      ],
      [
        "files that are not synchronised",
        ["appendfsync", "no"],
        /^redis\.append-only .*appendfsync is no.* → .*everysec/,
      ],
      [
        "a small output buffer",
        ["client-output-buffer-limit", "pubsub 1mb 512kb 5"],
        /^redis\.output-buffer .*1 MiB, 0\.5 MiB for 5 s.* → .*pubsub 256mb 64mb 30/,
      ],
      [
        "the output buffer that Redis has by itself",
        ["client-output-buffer-limit", "pubsub 32mb 8mb 60"],
        /^redis\.output-buffer .* → .*pubsub 256mb 64mb 30/,
      ],
      ["eviction", ["maxmemory-policy", "allkeys-lru"], /^redis\.eviction .*allkeys-lru.* → .*noeviction/],
      ["eviction of what expires", ["maxmemory-policy", "volatile-ttl"], /^redis\.eviction .*volatile-ttl/],
    ])("%s, and names the remedy", async (_, setting, expected) => {
      await configure(...setting);
      // The next test waits for it.
      onTestFinished(async () => {
        await configure("appendfsync", "everysec");
      });
      const { findings } = await examine(deployment.env);
      expect(findings).toEqual([expect.stringMatching(expected)]);
    });

    it("that it is nearly full, and that it is full", async () => {
      const used = Number(
        /used_memory:(\d+)/.exec(String(await askRedis(deployment.redis, "INFO", "memory")))?.[1],
      );
      await configure("maxmemory", String(Math.round(used * 1.1)));
      expect((await examine(deployment.env)).findings).toContainEqual(
        expect.stringMatching(/^redis\.memory .*nearly full.* → raise maxmemory/),
      );
      await configure("maxmemory", "1mb");
      const { findings } = await examine(deployment.env);
      expect(findings).toContainEqual(
        expect.stringMatching(/^redis\.writes .*full .*OOM.* → redis-cli CONFIG SET maxmemory/),
      );
      await configure(...GOOD);
      await untilWell(deployment.env);
    });
  });

  describe("of nodes, finds", () => {
    it("a wrong address", async () => {
      const [, good] = deployment.localnet.endpoints;
      const env = { ...deployment.env, SOLANA_RPC_URL: `http://127.0.0.1:65533,${good?.httpUrl}` };
      expect((await examine(env)).findings).toEqual([
        expect.stringMatching(
          /^solana\.http http:\/\/127\.0\.0\.1:65533: .*ECONNREFUSED.* → correct SOLANA_RPC_URL/,
        ),
      ]);
    });

    it("one that is behind", async () => {
      const [, behind] = deployment.localnet.endpoints;
      behind?.faults.set({ lag: { slots: 25 } });
      onTestFinished(async () => {
        behind?.faults.set({ lag: null });
        await untilWell(deployment.env);
      });
      await expect
        .poll(async () => (await examine(deployment.env)).findings)
        .toContainEqual(
          expect.stringMatching(
            new RegExp(`^solana\\.lag ${behind?.httpUrl}: it is \\d+ slots behind .* → change the node`),
          ),
        );
    });
  });

  describe("of servers, finds", () => {
    it.each([
      ["ahead", 60_000],
      ["behind", -10_000],
    ])("a clock that is %s", async (direction, ms) => {
      const shift = `const now = Date.now; Date.now = () => now() + ${ms}`;
      await withGateway("gateway-3", {
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}`,
      });
      expect((await examine(deployment.env)).findings).toEqual([
        expect.stringMatching(
          new RegExp(`^clocks\\.servers gateway gateway-3: its clock is .* s ${direction} .* → .*NTP`),
        ),
      ]);
    });

    it("two that have one id", async () => {
      await withGateway("gateway-1", {});
      await expect
        .poll(async () => (await examine(deployment.env)).findings)
        .toEqual([
          expect.stringMatching(
            /^servers\.ids gateway gateway-1: 2 processes use .* → give each its own SERVER_ID/,
          ),
        ]);
    });
  });

  describe("of gateways, finds", () => {
    it("a key of tokens that is another one", async () => {
      await withGateway("gateway-3", { AUTH_MODE: "jwt", AUTH_JWT_SECRET: JWT_SECRET });
      const env = { ...deployment.env, AUTH_MODE: "jwt" };
      const right = await examine({ ...env, AUTH_JWT_SECRET: JWT_SECRET });
      expect(right.report.checks).toContainEqual(
        expect.objectContaining({ id: "gateways.round-trip", subject: "gateway-3", status: "ok" }),
      );
      const wrong = await examine({ ...env, AUTH_JWT_SECRET: `${JWT_SECRET}!` });
      expect(wrong.findings.filter((finding) => finding.includes("gateway-3"))).toEqual([
        expect.stringMatching(
          /^configuration\.token-key gateway-3: it refuses the token: .*signature is wrong.* → .*same AUTH_JWT_SECRET/,
        ),
      ]);
      expect(JSON.stringify(wrong.report)).not.toContain(JWT_SECRET);
    });

    it("one to which Redis' messages do not come", async () => {
      let isDeaf = false;
      const proxy = await startRespProxy(deployment.redis.port, (text) =>
        isDeaf ? withoutMessages(text) : text,
      );
      onTestFinished(() => proxy.close());
      await withGateway("gateway-3", { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
      await untilWell(deployment.env);
      isDeaf = true;
      expect((await examine(deployment.env)).findings).toEqual([
        expect.stringMatching(
          /^gateways\.round-trip gateway-3: it is deaf: .*did not come.* → look at its \/readyz/,
        ),
      ]);
      isDeaf = false;
    });

    it("one whose user lost the right to channels", async () => {
      const rules = "on >sesame ~commcoin:* &commcoin:* +@all".split(" ");
      await askRedis(deployment.redis, "ACL", "SETUSER", "app", ...rules);
      await withGateway("gateway-3", { REDIS_URL: deployment.redis.url.replace("://", "://app:sesame@") });
      await untilWell(deployment.env);
      await askRedis(deployment.redis, "ACL", "SETUSER", "app", "resetchannels");
      const { findings } = await examine(deployment.env);
      expect(findings).toContainEqual(
        expect.stringMatching(/^gateways\.round-trip gateway-3: it is deaf: .* → .*rights of its Redis user/),
      );
      await askRedis(deployment.redis, "ACL", "SETUSER", "app", "&commcoin:*");
    });

    it("one that is stopped", async () => {
      first.process.kill("SIGSTOP");
      onTestFinished(async () => {
        first.process.kill("SIGCONT");
        await untilWell(deployment.env);
      });
      expect((await examine(deployment.env)).findings).toContainEqual(
        expect.stringMatching(/^gateways\.round-trip gateway-1: .*does not answer within 3 s → .*restart it/),
      );
    });
  });
});
