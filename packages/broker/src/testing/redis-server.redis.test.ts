import { existsSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startRedisServer, type RedisServer } from "./redis-server.ts";

describe("startRedisServer", () => {
  let server: RedisServer | undefined;
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server?.stop();
  });

  it("gives each caller a server of its own and cleans up after itself", async () => {
    const servers = await Promise.all([startRedisServer(), startRedisServer(), startRedisServer()]);
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    await Promise.all(servers.map((each) => each.stop()));
    expect(servers.map(({ directory }) => existsSync(directory))).toEqual([false, false, false]);
  });

  it("stops a server that is frozen", async () => {
    server = await startRedisServer();
    server.pause();
    await server.stop();
    expect(existsSync(server.directory)).toBe(false);
  });

  it("says how to get Redis when there is none", async () => {
    vi.stubEnv("COMMCOIN_REDIS_SERVER", "/nonexistent/redis-server");
    await expect(startRedisServer()).rejects.toThrow("apt-get install redis-server");
  });
});
