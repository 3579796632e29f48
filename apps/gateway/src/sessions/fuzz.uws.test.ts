import type { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished } from "vitest";
import { attack } from "../testing/hostile/attack.ts";
import { openRaw } from "../testing/raw-socket.ts";
import { recordLog } from "../testing/recorded-log.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

/**
 * Attackers with random bytes. `FUZZ_SECONDS=600 npx vitest run src/sessions/fuzz.uws.test.ts` attacks for longer, and
 * `FUZZ_SEED=<the seed of a failure>` sends the same again.
 */
const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 3);
const SEED = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const ATTACKERS = 20;
/** The first of them fill caches and let functions be compiled. */
const WARM_UP_ATTACKS = 200;
const PUBLISH_INTERVAL_MS = 20;
const TOPIC = "market_data";
/** Longer than the transport waits for a request to be complete: 12 s at most. */
const REQUEST_TIMEOUT_SECONDS = 16;
const MAX_HEAP_GROWTH_BYTES = 8 * 1024 ** 2;
const MAX_RSS_GROWTH_BYTES = 96 * 1024 ** 2;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Attacks with seeds from this one on, several at a time, until it is enough. @returns how many there were. */
async function attackUntil(
  url: string,
  seed: number,
  isEnough: (attacks: number) => boolean,
): Promise<number> {
  let attacks = 0;
  const attacker = async (): Promise<void> => {
    while (!isEnough(attacks)) {
      attacks += 1;
      await attack(url, seed + attacks);
    }
  };
  await Promise.all(Array.from({ length: ATTACKERS }, attacker));
  return attacks;
}

const topicsIn = async ({ httpUrl }: TestGateway): Promise<number> => {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^commcoin_gateway_topics\{[^}]*\} (\d+)/m.exec(text)?.[1]);
};

/** Waits until nobody but the healthy client is there, and looks at what is left in memory. */
async function atRest(gateway: TestGateway, topics: number) {
  await eventually(async () => {
    expect(gateway.gateway.stats()).toMatchObject({
      total_connections: 1,
      active_users: 1,
      subscriptions: 1,
    });
    expect(await topicsIn(gateway)).toBe(topics);
  });
  collectGarbage();
  // Not what is external to the heap: the history that the broker keeps, in buffers that it shares with the attackers.
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

describe(`attackers (seed ${SEED})`, () => {
  it(
    "do no harm to a healthy client, and leave nothing behind",
    { timeout: (SECONDS + 60) * 1_000 },
    async () => {
      const { logger, lines } = recordLog("warn");
      const gateway = await startTestGateway({}, { logger });
      const healthy = await gateway.client(`user_id=healthy&subscriptions=${TOPIC}`);
      const topics = await topicsIn(gateway);
      let published = 0;
      const publishing = setInterval(() => {
        published += 1;
        void gateway.publish(TOPIC);
      }, PUBLISH_INTERVAL_MS);
      onTestFinished(() => clearInterval(publishing));

      await attackUntil(gateway.url, SEED, (attacks) => attacks >= WARM_UP_ATTACKS);
      const before = await atRest(gateway, topics);
      const deadline = performance.now() + SECONDS * 1_000;
      const attacks = await attackUntil(
        gateway.url,
        SEED + WARM_UP_ATTACKS,
        () => performance.now() > deadline,
      );
      clearInterval(publishing);
      const after = await atRest(gateway, topics);

      await healthy.settled();
      const received = healthy.frames.flatMap(({ topic, offset }) => (topic === TOPIC ? (offset ?? []) : []));
      expect(received).toEqual(Array.from({ length: published }, (_, index) => index + 1));
      expect(attacks).toBeGreaterThan(ATTACKERS);
      expect(after.heap - before.heap).toBeLessThan(MAX_HEAP_GROWTH_BYTES);
      expect(after.rss - before.rss).toBeLessThan(MAX_RSS_GROWTH_BYTES);
      // The one that is to be is that users are not verified.
      const errors = lines.filter((line) => !line.includes("AUTH_MODE"));
      expect(errors).toEqual([]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect((await fetch(`${gateway.httpUrl}/healthz`)).status).toBe(200);
    },
  );

  it.runIf(SECONDS >= REQUEST_TIMEOUT_SECONDS)(
    "are cut when their request does not become complete, whether they are silent or slow",
    { timeout: 2 * REQUEST_TIMEOUT_SECONDS * 1_000 },
    async () => {
      const gateway = await startTestGateway();
      const sockets: Socket[] = [];
      for (const [begin, more] of [
        ["", null],
        ["GET /ws HTTP/1.1\r\nHost: test\r\n", null],
        ["GET /ws HTTP/1.1\r\nHost: test\r\n", "X: y\r\n"],
        ["POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n", "x"],
      ] as const) {
        const socket = await openRaw(gateway.url);
        socket.resume();
        if (begin !== "") socket.write(begin);
        const dripping = setInterval(() => {
          if (more !== null && socket.writable) socket.write(more);
        }, 500);
        onTestFinished(() => clearInterval(dripping));
        sockets.push(socket);
      }
      await eventually(
        () => expect(sockets.map(({ closed }) => closed)).toEqual([true, true, true, true]),
        REQUEST_TIMEOUT_SECONDS * 1_000,
      );
    },
  );
});
