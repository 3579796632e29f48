import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";
import { openRaw } from "../support/raw-socket.ts";

const ROUNDS = 30;
const AT_A_TIME = 25;
/** The WebSocket server looks every four seconds for connections that said nothing it understands for ten. */
const ENDED_WITHIN_MS = 15_000;
/** What it may be late on a busy machine. */
const LATE_MS = 5_000;

const PATHS = ["/healthz", "/readyz", "/metrics", "/api/ws/connections"];

/** Forms that the WebSocket server does not know, as the deployment page says: it waits for more, and ends the connection. */
const UNKNOWN: readonly string[] = PATHS.flatMap((path) => [
  `GET ${path} HTTP/1.0\r\n\r\n`,
  `GET ${path} HTTP/1.0\r\nHost: localhost\r\n\r\n`,
  `GET http://localhost${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
]);

/** Requests that are unusual and right: each has to be answered, or refused, with a status. */
const UNUSUAL: readonly string[] = [
  ...PATHS.map((path) => `OPTIONS ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
  ...PATHS.map((path) => `DELETE ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  "POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
  "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
];

/** What is no request: answered or cut, and forgotten. */
const WRONG: readonly string[] = [
  "\x00\x01\x02garbage\r\n\r\n",
  "GET\r\n\r\n",
  "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
  `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
  `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
  "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
];

const STATUS = /^HTTP\/1\.[01] \d{3} /;

/** What came of a request: a status, the end of its connection, or neither in time. */
type Fate = "answered" | "ended" | "nothing";

async function say(port: number, bytes: string, withinMs: number): Promise<Fate> {
  const raw = await openRaw(port);
  raw.write(bytes);
  const deadline = performance.now() + withinMs;
  while (!raw.isClosed && !STATUS.test(raw.head()) && performance.now() < deadline) {
    await Promise.race([delay(20), raw.closed]);
  }
  const fate = STATUS.test(raw.head()) ? "answered" : raw.isClosed ? "ended" : "nothing";
  raw.destroy();
  return fate;
}

/** Requests of other versions, forms and methods, and what is none at all, at the ports of the gateway. */
export const wrongRequests: ServicesAttack = {
  name: "http/wrong-requests",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const withinMs = ENDED_WITHIN_MS + LATE_MS;
    const unanswered = new Set<string>();
    // Those that have to be waited for all at once: that many connections stay open meanwhile.
    const waiting = [...UNKNOWN, ...WRONG].map(
      async (bytes) => [bytes, await say(gateway.port, bytes, withinMs)] as const,
    );
    const count = size.count(ROUNDS) * UNUSUAL.length;
    await many(count, AT_A_TIME, async (index) => {
      const bytes = UNUSUAL[index % UNUSUAL.length] ?? "";
      if (unanswered.has(bytes)) return;
      if ((await say(gateway.port, bytes, withinMs)) !== "answered") unanswered.add(bytes);
    });
    const fates = await Promise.all(waiting);
    const endless = fates.filter(([, fate]) => fate === "nothing");
    const silent = fates.filter(([bytes, fate]) => UNKNOWN.includes(bytes) && fate === "ended");
    const named = (bytes: string): string => JSON.stringify(bytes.slice(0, 70));
    return {
      tries: count + fates.length,
      what: `${silent.length} of ${UNKNOWN.length} forms that the server does not know ended without a word`,
      problems: [
        ...[...unanswered].map((bytes) => `no answer to ${named(bytes)}`),
        ...endless.map(
          ([bytes]) => `neither answered nor ended within ${withinMs / 1_000} s: ${named(bytes)}`,
        ),
      ],
    };
  },
};
