import { createMemoryBroker } from "@commcoin/broker";
import { createClient } from "@commcoin/client";
import { createGateway, gatewayVariables } from "@commcoin/gateway";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

const SECRET = "a secret that only tests know, long enough for SHA-512 to be content";
const TOKEN_LIFE_S = 20;
const STEP_MS = 250;
/** A hundred seconds: five lives of a token. */
const STEPS = 400;
/** After its expiry the gateway waits so long for the next token. */
const GRACE_S = 25;
/** The token that comes so late that the one before has expired. */
const LATE_TOKEN = 3;
const LATE_MS = 8_000;

beforeEach(() => {
  // Sockets stay real.
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Frame {
  readonly type: string;
  readonly id?: unknown;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(): string {
  const exp = Math.floor(Date.now() / 1_000) + TOKEN_LIFE_S;
  const signed = `${part({ alg: "HS256" })}.${part({ sub: "me", exp })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** Lets what is on its way through the sockets arrive. */
async function arrival(hasArrived: () => boolean): Promise<void> {
  const deadline = process.hrtime.bigint() + 10_000_000_000n;
  while (!hasArrived()) {
    if (process.hrtime.bigint() > deadline) throw new Error("It did not arrive.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it("a client that renews its token in time, or a little late, misses nothing; one that does not is closed", async () => {
  const broker = createMemoryBroker();
  const gateway = createGateway({
    config: loadConfig(gatewayVariables, {
      WEBSOCKET_PORT: "0",
      SHUTDOWN_DRAIN_SECONDS: "0",
      AUTH_MODE: "jwt",
      AUTH_JWT_SECRET: SECRET,
    }),
    broker,
    logger: silentLogger,
  });
  await gateway.start();
  const url = `ws://127.0.0.1:${gateway.port}/ws`;

  const connections: WebSocket[] = [];
  /** Tokens that were shown and not answered yet: the clock must not run meanwhile, it is thousands of times too fast. */
  const unanswered = new Set<unknown>();
  class CountedWebSocket extends WebSocket {
    constructor(address: string) {
      super(address);
      connections.push(this);
      this.on("message", (data: Buffer) => unanswered.delete((JSON.parse(data.toString()) as Frame).id));
    }
    override send(text: string): void {
      const { type, id } = JSON.parse(text) as Frame;
      if (type === "auth") unanswered.add(id);
      super.send(text);
    }
  }
  const expiries: number[] = [];
  const client = createClient({
    url,
    WebSocket: CountedWebSocket,
    async getToken() {
      if (expiries.length === LATE_TOKEN) await new Promise((resolve) => setTimeout(resolve, LATE_MS));
      expiries.push(Date.now() + TOKEN_LIFE_S * 1_000);
      return token();
    },
  });
  const received: string[] = [];
  const states: string[] = [];
  client.on("state", ({ state }) => states.push(state));
  client.subscribe("notifications", ({ id }) => received.push(id));
  client.on("message", ({ message }) => {
    if (message.topic === "user:me" && message.id.startsWith("own-")) received.push(message.id);
  });
  client.connect();
  await arrival(() => client.positions().has("notifications"));

  const negligent = new WebSocket(`${url}?token=${token()}`);
  const closed: { code: number; reason: string; at: number }[] = [];
  negligent.on("close", (code, reason) => closed.push({ code, reason: reason.toString(), at: Date.now() }));
  const negligentUntil = Date.now() + (TOKEN_LIFE_S + GRACE_S) * 1_000;
  await arrival(() => negligent.readyState === WebSocket.OPEN && gateway.stats().total_connections === 2);

  const published: string[] = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const own = step % 10 === 0;
    const id = `${own ? "own" : "all"}-${step}`;
    published.push(id);
    await broker.publish([
      {
        topic: own ? "user:me" : "notifications",
        type: "UserActivity",
        id,
        data: { user_id: "me", activity_type: "trade", data: {} },
      },
    ]);
    await vi.advanceTimersByTimeAsync(STEP_MS);
    await arrival(() => received.length >= published.length && unanswered.size === 0);
  }

  expect(received).toEqual(published);
  expect(states.filter((state) => state === "waiting")).toEqual([]);
  expect(connections).toHaveLength(1);
  expect(client.counts()).toMatchObject({ duplicates: 0, gaps: 0, lost: 0 });
  expect(expiries.length).toBeGreaterThanOrEqual(5);
  // One came only after the one before had expired.
  expect(expiries[LATE_TOKEN]).toBeGreaterThan((expiries[LATE_TOKEN - 1] ?? 0) + TOKEN_LIFE_S * 1_000);
  expect(closed).toEqual([{ code: 3005, reason: "token expired", at: expect.any(Number) }]);
  expect(closed[0]?.at).toBeGreaterThanOrEqual(negligentUntil - 1_000);
  expect(closed[0]?.at).toBeLessThanOrEqual(negligentUntil + 3_000);
  client.close();
  vi.useRealTimers();
  await gateway.stop();
}, 60_000);
