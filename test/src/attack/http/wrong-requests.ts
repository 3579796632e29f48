import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";
import { openRaw } from "../support/raw-socket.ts";

const ROUNDS = 30;
const AT_A_TIME = 25;
const ANSWERED_WITHIN_MS = 15_000;

const PATHS = ["/healthz", "/readyz", "/metrics", "/api/ws/connections"];

/** Requests that are unusual and right: each has to be answered, or refused, with a status. */
const UNUSUAL: readonly string[] = [
  ...PATHS.map((path) => `GET ${path} HTTP/1.0\r\n\r\n`),
  ...PATHS.map((path) => `GET ${path} HTTP/1.0\r\nHost: localhost\r\n\r\n`),
  ...PATHS.map(
    (path) => `GET http://localhost${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  ),
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

/** @returns what came of it, as a status line or "nothing". */
async function say(port: number, bytes: string): Promise<string> {
  const raw = await openRaw(port);
  raw.write(bytes);
  const deadline = performance.now() + ANSWERED_WITHIN_MS;
  while (!raw.isClosed && !STATUS.test(raw.head()) && performance.now() < deadline) {
    await Promise.race([delay(20), raw.closed]);
  }
  const head = raw.head();
  raw.destroy();
  return STATUS.exec(head)?.[0] ?? "nothing";
}

/** Requests of other versions, forms and methods, and what is none at all, at the ports of the gateway. */
export const wrongRequests: ServicesAttack = {
  name: "http/wrong-requests",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const rounds = size.count(ROUNDS);
    const requests = [...UNUSUAL, ...WRONG];
    const silent = new Set<string>();
    // What is wrong may be kept waiting for the time that a handshake may take: once is enough.
    await many(rounds * UNUSUAL.length + WRONG.length, AT_A_TIME, async (index) => {
      const bytes = requests[index < requests.length ? index : index % UNUSUAL.length] ?? "";
      // One that is not answered has to be waited for; once is enough.
      if (silent.has(bytes)) return;
      const status = await say(gateway.port, bytes);
      if (status === "nothing" && UNUSUAL.includes(bytes)) silent.add(bytes);
    });
    return {
      tries: rounds * UNUSUAL.length + WRONG.length,
      what: `${UNUSUAL.length} unusual requests, ${WRONG.length} wrong ones`,
      problems: [...silent].map((bytes) => `no answer to ${JSON.stringify(bytes.slice(0, 70))}`),
    };
  },
};
