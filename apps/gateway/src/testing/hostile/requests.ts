import { upgradeRequest } from "../raw-socket.ts";
import type { Random } from "./random.ts";

const TARGETS = [
  "/ws",
  "/ws?user_id=__proto__&subscriptions=constructor",
  "/ws?subscriptions=%",
  "/ws?user_id=%ff%fe&subscriptions=%00",
  "/ws?since=market_data@e:-1,market_data@e:1e99",
  "/ws?since=@@@:::,,,",
  "/ws?token=a.b.c&token=d",
  "/ws#fragment",
  "//ws",
  "/ws/../ws",
  "http://elsewhere/ws",
  "*",
  "",
  "/api/ws/connections",
  "/healthz",
  "/nowhere",
] as const;

const METHODS = ["GET", "POST", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "G\0ET", "", "PRI"] as const;

const VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/9.9", "HTTP/2", "", "JUNK"] as const;

const ODD_HEADERS = [
  "Host: other",
  "Host",
  ": no name",
  "No-Colon-Here",
  "Space-Before : colon",
  " folded: line",
  "Nul: a\0b",
  "Bare-Return: a\rb",
  "Bare-Feed: a\nb",
  "Eight-Bit: \u00ff\u00fe",
  "Upgrade: websocket",
  "Upgrade: h2c",
  "Connection: close",
  "Sec-WebSocket-Key: short",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 12",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99; x",
  "Sec-WebSocket-Protocol: a, b, c",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999999",
  "Content-Length: 5, 6",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: xchunked",
  "X-Forwarded-For: 1.2.3.4, evil",
  "Origin: null",
] as const;

const oddRequest = (random: Random): string => {
  const headers = Array.from({ length: random.int(0, 8) }, () => random.pick(ODD_HEADERS));
  return [
    `${random.pick(METHODS)} ${random.pick(TARGETS)} ${random.pick(VERSIONS)}`,
    ...(random.chance(0.8) ? ["Host: test"] : []),
    ...headers,
    "\r\n",
  ].join(random.pick(["\r\n", "\r\n", "\r\n", "\n", "\r"]));
};

const smuggled = "GET /ws HTTP/1.1\r\nHost: inner\r\n\r\n";

/** Bytes that an attacker sends instead of a proper request, by what is wrong with them. */
export const REQUESTS: Readonly<Record<string, (random: Random) => Buffer | string>> = {
  garbage: (random) => random.bytes(random.int(1, 5_000)),
  "the greeting of another protocol": (random) =>
    random.pick([
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0, 1, 0, 1, 0xfc, 3, 3]),
      Buffer.from([5, 1, 0]),
      "SSH-2.0-OpenSSH\r\n",
    ]),
  "odd methods, versions and headers": oddRequest,
  "an upgrade with odd headers": (random) =>
    upgradeRequest(
      random.pick(TARGETS),
      Array.from({ length: random.int(1, 6) }, () => random.pick(ODD_HEADERS)),
    ),
  "an upgrade without one of its headers": (random) => {
    const lines = upgradeRequest("/ws").split("\r\n");
    lines.splice(random.int(1, 5), 1);
    return lines.join("\r\n");
  },
  "huge headers": (random) => upgradeRequest("/ws", [`X: ${"x".repeat(random.int(1_000, 200_000))}`]),
  "many headers": (random) =>
    upgradeRequest(
      "/ws",
      Array.from({ length: random.int(20, 400) }, (_, index) => `X-${index}: y`),
    ),
  "a long query": (random) =>
    upgradeRequest(`/ws?subscriptions=${"token:x,".repeat(random.int(100, 4_000))}`),
  "pipelined requests": (random) =>
    "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n".repeat(random.int(2, 60)) +
    (random.chance(0.5) ? upgradeRequest("/ws") : ""),
  "two lengths": (random) =>
    `POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: ${random.int(0, 50)}\r\nContent-Length: 5\r\n\r\nhello${smuggled}`,
  "a length and chunks": () =>
    `POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${smuggled}`,
  "broken chunks": (random) =>
    `POST /healthz HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n${random.pick(["ffffffffffffffffff", "-1", "zz", "0x5", ""])}\r\nhello\r\n0\r\n\r\n${smuggled}`,
  "a body that never comes": (random) =>
    `POST /api/ws/connections HTTP/1.1\r\nHost: test\r\nContent-Length: ${random.pick([1, 4_096, 2 ** 31, 2 ** 53])}\r\n\r\n`,
  "an upgrade with a body": () => upgradeRequest("/ws", ["Content-Length: 20"]) + "x".repeat(20),
};
