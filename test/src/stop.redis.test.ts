import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killAll, startProcess } from "./support/service-process.ts";

/** As long as supervisors of processes commonly wait before they kill. */
const STOPS_WITHIN_MS = 10_000;
const TOKEN = "a-token-for-tests-0123456789";
const NOWHERE = "127.0.0.1:1";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedisServer();
});
const sockets: Socket[] = [];
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await killAll();
  await redis.stop();
});

const STUCK_CLIENTS = {
  "a silent socket": "",
  "half a request": "GET /healthz HTTP/1.1\r\nHost: x\r\n",
  "half a body":
    `POST /api/ws/broadcast HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n` +
    "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
};

describe.each(["admin", "gateway", "listener", "standalone"])("%s with clients that are stuck", (service) => {
  it("ends in time on SIGTERM", async () => {
    const process = startProcess(`apps/${service}/src/main.ts`, {
      REDIS_URL: redis.url,
      ADMIN_TOKEN: TOKEN,
      ADMIN_PORT: "0",
      WEBSOCKET_PORT: "0",
      LISTENER_PORT: "0",
      SHUTDOWN_DRAIN_SECONDS: "0",
      SOLANA_RPC_URL: `http://${NOWHERE}`,
      SOLANA_WS_URL: `ws://${NOWHERE}`,
    });
    const ready = await process.says(({ port }) => typeof port === "number");
    for (const text of Object.values(STUCK_CLIENTS)) {
      const socket = connect(ready.port as number, "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(text);
    }
    const since = performance.now();
    process.kill("SIGTERM");
    expect(await process.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - since).toBeLessThan(STOPS_WITHIN_MS);
  });
});
