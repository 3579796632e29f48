import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRedisBroker } from "@commcoin/broker";
import { askRedis, startRedisServer } from "@commcoin/broker/testing";
import { createLocalnet } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  ADMIN_TOKEN,
  examine,
  GOOD_REDIS,
  JWT_SECRET,
  startDeployment,
  untilWell,
  type Deployment,
} from "./doctor/deployment.ts";
import { startRespProxy, withClock, withVersion } from "./doctor/resp-proxy.ts";
import { randomAddress } from "./support/random-address.ts";

const NOBODY = "127.0.0.1:65533";

let deployment: Deployment;
/** An HTTP server that has a page for nobody. */
let notFound: string;
const server = createServer((_, answer) => answer.writeHead(404).end("<h1>Not Found</h1>"));

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  notFound = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  deployment = await startDeployment();
  await deployment.start("gateway", "gateway-1");
  await untilWell(deployment.env);
});
afterAll(async () => {
  server.close();
  await deployment.stop();
});

const without = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(deployment.env).filter(([other]) => other !== name));

async function throughProxy(change: (text: string) => string): Promise<Record<string, string>> {
  const proxy = await startRespProxy(deployment.redis.port, change);
  onTestFinished(() => proxy.close());
  return { ...deployment.env, REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
}

describe("commcoin doctor also finds", () => {
  it.each([
    [
      "a misspelt variable",
      { ADMIN_TOKN: "x" },
      /^configuration\.names ADMIN_TOKN: .* → rename it if ADMIN_TOKEN was meant/,
    ],
    [
      "a value that is none",
      { WEBSOCKET_MAX_CONNECTIONS: "many" },
      /^configuration\.variables WEBSOCKET_MAX_CONNECTIONS: must be a whole number → correct WEBSOCKET_MAX_CONNECTIONS/,
    ],
    [
      "variables that contradict each other",
      { AUTH_JWT_SECRET: JWT_SECRET },
      /^configuration\.variables AUTH_JWT_SECRET: only has a meaning with AUTH_MODE=jwt/,
    ],
    [
      "production without a mode",
      { NODE_ENV: "production" },
      /^configuration\.variables AUTH_MODE: must be set in production/,
    ],
    [
      "a wrong token of the admin service",
      { ADMIN_TOKEN: `${ADMIN_TOKEN}!` },
      /^admin\.token -: it refuses the token: .* → set ADMIN_TOKEN here/,
    ],
    [
      "an admin service that is not there",
      { COMMCOIN_ADMIN_URL: `http://${NOBODY}` },
      /^admin\.connection -: http:\/\/127\.0\.0\.1:65533 does not answer: .*ECONNREFUSED/,
    ],
    [
      "a gateway that is not where it was said",
      { COMMCOIN_GATEWAY_URL: `ws://${NOBODY}/ws` },
      /^gateways\.round-trip ws:\/\/127\.0\.0\.1:65533\/ws: .*ECONNREFUSED.* → correct --gateway/,
    ],
    ["a program that is not on the chain", { COMMCOIN_PROGRAM_ID: randomAddress() }, /^solana\.program /],
  ])("%s", async (_, env, expected) => {
    const { findings } = await examine({ ...deployment.env, ...env });
    expect([...new Set(findings.map((finding) => finding.replace(/:\d{4,5}(?=: there is no)/, "")))]).toEqual(
      [expect.stringMatching(expected)],
    );
  });

  it("a wrong password of Redis, which it does not repeat", async () => {
    await askRedis(deployment.redis, "ACL", "SETUSER", "app", "on", ">sesame", "~*", "&*", "+@all");
    const REDIS_URL = deployment.redis.url.replace("://", "://app:open-barley@");
    const { findings, report } = await examine({ ...deployment.env, REDIS_URL });
    expect(findings).toEqual([
      expect.stringMatching(
        /^redis\.connection .*it refuses user or password → correct user and password in REDIS_URL/,
      ),
    ]);
    expect(JSON.stringify(report)).not.toContain("open-barley");
  });

  it("a Redis that is too old", async () => {
    expect((await examine(await throughProxy(withVersion("5.0.1")))).findings).toEqual([
      expect.stringMatching(/^redis\.version -: version 5\.0\.1.* is too old → install Redis 6\.2/),
    ]);
  });

  it("a clock that differs from that of Redis", async () => {
    expect((await examine(await throughProxy(withClock(30)))).findings).toEqual([
      expect.stringMatching(/^clocks\.redis -: .*30 s.* → .*NTP/),
    ]);
  });

  it("a Redis that lacks the replicas it asks for", async () => {
    const configure = (count: string) =>
      askRedis(deployment.redis, "CONFIG", "SET", "min-replicas-to-write", count);
    await configure("1");
    onTestFinished(async () => {
      await configure("0");
    });
    const { findings } = await examine(deployment.env);
    await configure("0");
    expect(findings).toContainEqual(
      expect.stringMatching(/^redis\.writes .*NOREPLICAS.* → too few replicas are connected/),
    );
    await untilWell(deployment.env);
  });

  it("another Redis than the services use", async () => {
    const other = await startRedisServer({ args: GOOD_REDIS });
    onTestFinished(() => other.stop());
    const { findings } = await examine({ ...deployment.env, REDIS_URL: other.url });
    expect(findings).toEqual([
      expect.stringMatching(
        /^configuration\.deployment REDIS_URL: .*another one.* → give all services the same/,
      ),
      expect.stringMatching(/^servers\.registered -: no server is in the registry → /),
    ]);
  });

  it("subscriptions that are not where they were said, and JSON-RPC that is not", async () => {
    const [first, second] = deployment.localnet.endpoints;
    const streams = await examine({ ...deployment.env, SOLANA_WS_URL: `${first?.wsUrl},ws://${notFound}` });
    expect(streams.findings).toEqual([
      expect.stringMatching(
        /^solana\.stream ws:.*answers HTTP 404 to a WebSocket handshake → correct SOLANA_WS_URL/,
      ),
    ]);
    const requests = await examine({
      ...deployment.env,
      SOLANA_RPC_URL: `http://${notFound},${second?.httpUrl}`,
    });
    expect(requests.findings).toEqual([
      expect.stringMatching(/^solana\.http http:.*HTTP 404 Not Found → correct the path in SOLANA_RPC_URL/),
    ]);
  });

  it("a node of another chain", async () => {
    const other = await createLocalnet();
    onTestFinished(() => other.stop());
    const [first] = deployment.localnet.endpoints;
    const { findings } = await examine({
      ...deployment.env,
      SOLANA_RPC_URL: `${first?.httpUrl},${other.httpUrl}`,
      SOLANA_WS_URL: `${first?.wsUrl},${other.wsUrl}`,
    });
    expect(findings).toContainEqual(
      expect.stringMatching(
        new RegExp(`^solana\\.chain ${other.httpUrl}: it is of another chain .* → correct its address`),
      ),
    );
    expect(findings.filter((finding) => finding.includes(first?.httpUrl ?? ""))).toEqual([]);
  });

  it("published keys that are none, and a given token that they do not verify", async () => {
    const jwks = createServer((_, answer) => answer.end('{"keys":[]}'));
    jwks.listen(0, "127.0.0.1");
    await once(jwks, "listening");
    onTestFinished(async () => {
      jwks.close();
      jwks.closeAllConnections();
      await once(jwks, "close");
    });
    const url = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks.json`;
    const { findings } = await examine({ ...deployment.env, AUTH_MODE: "jwt", AUTH_JWKS_URL: url });
    expect(findings).toContainEqual(
      expect.stringMatching(/^configuration\.token-key AUTH_JWKS_URL: there are no keys/),
    );
    const given = await examine({ ...deployment.env, AUTH_MODE: "jwt", AUTH_JWT_SECRET: JWT_SECRET }, [
      "--access-token",
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl",
    ]);
    expect(given.findings).toContainEqual(
      expect.stringMatching(/^configuration\.token-key AUTH_JWT_SECRET: it does not verify the given token/),
    );
    expect(JSON.stringify(given.report)).not.toContain("eyJzdWIiOiJhbm4ifQ");
  });

  it("servers of two versions", async () => {
    const broker = createRedisBroker({ url: deployment.redis.url, logger: silentLogger });
    await broker.start();
    const record = {
      server_id: "admin-2",
      service: "admin" as const,
      instance: "old",
      started_at: Date.now(),
      state: "ready" as const,
      counts: {},
      process: { version: "0.0.9", host: "old", addresses: [], port: 1, clock: Date.now() },
    };
    await broker.registry.heartbeat(record);
    const { findings } = await examine(deployment.env);
    await broker.registry.leave(record);
    await broker.close();
    expect(findings).toEqual([
      expect.stringMatching(/^servers\.versions -: .*0\.0\.9 \(admin-2\).* → finish the deploy/),
    ]);
  });

  it("nothing where it knows no more than the address of the admin service, and says what it left out", async () => {
    const { findings, report } = await examine({
      COMMCOIN_ADMIN_URL: deployment.env.COMMCOIN_ADMIN_URL ?? "",
    });
    expect(findings).toEqual([]);
    expect(report.counts.skipped).toBeGreaterThan(2);
    const noAdmin = await examine(without("COMMCOIN_ADMIN_URL"));
    // It is found by the registry.
    expect(noAdmin.findings).toEqual([]);
  });

  // Listeners remember for some minutes what they were refused.
  it("a node that limits requests, and one that announces nothing", async () => {
    const [limited, silent] = deployment.localnet.endpoints;
    limited?.faults.set({ rateLimit: { retryAfterSeconds: 7 } });
    silent?.faults.set({ drop: { subscriptions: ["slot"] } });
    onTestFinished(() => {
      limited?.faults.set({ rateLimit: null });
      silent?.faults.set({ drop: null });
    });
    const { findings } = await examine(deployment.env);
    expect(findings).toContainEqual(
      expect.stringMatching(
        /^solana\.limits .*too many requests .*in 7 s.* → a better plan, or TRANSACTION_LISTENER_REQUESTS_PER_SECOND/,
      ),
    );
    expect(findings).toContainEqual(
      expect.stringMatching(
        new RegExp(`^solana\\.stream ${silent?.wsUrl}: it announces no slot within 6 s → change the node`),
      ),
    );
  });
});
