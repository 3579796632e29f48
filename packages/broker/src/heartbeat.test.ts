import { hostname } from "node:os";
import { VERSION } from "@commcoin/service/telemetry";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrokerUnavailableError } from "./broker.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createMemoryBroker } from "./memory/memory-broker.ts";
import { GONE_AFTER_MS, HEARTBEAT_INTERVAL_MS, type Registry, type ServerRecord } from "./registry.ts";
import { recordingLogger } from "./testing/recording-logger.ts";

const record = (instance = "first", started_at = 1): ServerRecord => ({
  server_id: "server-1",
  service: "gateway",
  instance,
  started_at,
  state: "ready",
  counts: {},
});

describe("startHeartbeat", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const clock = { now: () => Date.now(), monotonic: () => Date.now() };

  it("lists the server at once, keeps it listed with fresh counts, and removes it on stop", async () => {
    const { registry } = createMemoryBroker({ clock });
    let connections = 0;
    const { logger, lines } = recordingLogger();
    const heartbeat = startHeartbeat({
      registry,
      port: () => 8_080,
      describe: () => ({ ...record(), counts: { connections: (connections += 1) } }),
      logger,
    });
    expect(await registry.servers()).toMatchObject([{ server_id: "server-1", counts: { connections: 1 } }]);
    await vi.advanceTimersByTimeAsync(10 * GONE_AFTER_MS);
    const beats = 1 + Math.floor((10 * GONE_AFTER_MS) / HEARTBEAT_INTERVAL_MS);
    expect(await registry.servers()).toMatchObject([{ health: "healthy", counts: { connections: beats } }]);
    await heartbeat.stop();
    expect(await registry.servers()).toEqual([]);
    await vi.advanceTimersByTimeAsync(GONE_AFTER_MS);
    expect(await registry.servers()).toEqual([]);
    expect(lines).toEqual([]);
  });

  it("tells what runs where, with the time of its own clock", async () => {
    const { registry } = createMemoryBroker({ clock });
    let port = 0;
    const { logger } = recordingLogger();
    const heartbeat = startHeartbeat({ registry, port: () => port, describe: () => record(), logger });
    port = 8_080;
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
    const [server] = await registry.servers();
    expect(server).toMatchObject({
      process: { version: VERSION, host: hostname(), port: 8_080, clock: Date.now() },
      clock_skew_ms: 0,
    });
    await heartbeat.stop();
  });

  it("tells a change soon, many of them at once, and none after stop", async () => {
    const { registry: inner } = createMemoryBroker({ clock });
    let beats = 0;
    let connections = 0;
    const registry: Registry = {
      ...inner,
      heartbeat(each) {
        beats += 1;
        return inner.heartbeat(each);
      },
    };
    const { logger } = recordingLogger();
    const heartbeat = startHeartbeat({
      registry,
      port: () => 8_080,
      describe: () => ({ ...record(), counts: { connections } }),
      logger,
    });
    await vi.advanceTimersByTimeAsync(100);
    for (connections = 1; connections < 50; connections += 1) heartbeat.changed();
    await vi.advanceTimersByTimeAsync(499);
    expect(beats).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(beats).toBe(2);
    expect(await registry.servers()).toMatchObject([{ counts: { connections: 50 } }]);
    heartbeat.changed();
    await heartbeat.stop();
    heartbeat.changed();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
    expect(beats).toBe(2);
    expect(await registry.servers()).toEqual([]);
  });

  it("tells a change that came while a heartbeat was on its way", async () => {
    const { registry: inner } = createMemoryBroker({ clock });
    const sent: (number | undefined)[] = [];
    let connections = 0;
    let arrive = (): void => {};
    const registry: Registry = {
      ...inner,
      async heartbeat(each) {
        sent.push(each.counts.connections);
        await new Promise<void>((resolve) => (arrive = resolve));
        return inner.heartbeat(each);
      },
    };
    const heartbeat = startHeartbeat({
      registry,
      port: () => 8_080,
      describe: () => ({ ...record(), counts: { connections } }),
      logger: recordingLogger().logger,
    });
    connections = 1;
    heartbeat.changed();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toEqual([0]);
    arrive();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([0, 1]);
    arrive();
    await heartbeat.stop();
  });

  it("survives a broker that is away with one warning and one line when it is back", async () => {
    const { registry: inner } = createMemoryBroker({ clock });
    let away = true;
    const fail = () => Promise.reject(new BrokerUnavailableError("Redis cannot be reached at present."));
    const registry: Registry = {
      heartbeat: (each) => (away ? fail() : inner.heartbeat(each)),
      leave: (each) => (away ? fail() : inner.leave(each)),
      servers: () => inner.servers(),
    };
    const { logger, lines } = recordingLogger();
    const heartbeat = startHeartbeat({ registry, port: () => 8_080, describe: () => record(), logger });
    await vi.advanceTimersByTimeAsync(5 * HEARTBEAT_INTERVAL_MS);
    away = false;
    await vi.advanceTimersByTimeAsync(5 * HEARTBEAT_INTERVAL_MS);
    expect(await inner.servers()).toMatchObject([{ health: "healthy" }]);
    expect(lines).toEqual([expect.stringMatching(/^warn heartbeat failed/), "info heartbeat is back"]);
    away = true;
    await heartbeat.stop();
  });

  it("warns a server whose id is used by another one", async () => {
    const { registry } = createMemoryBroker({ clock });
    const { logger, lines } = recordingLogger();
    const earlier = startHeartbeat({
      registry,
      port: () => 8_080,
      describe: () => record("first", 1),
      logger,
    });
    await vi.advanceTimersByTimeAsync(1);
    const later = startHeartbeat({
      registry,
      port: () => 8_080,
      describe: () => record("second", 2),
      logger,
    });
    await vi.advanceTimersByTimeAsync(3 * HEARTBEAT_INTERVAL_MS);
    expect(await registry.servers()).toMatchObject([{ instance: "second" }]);
    await later.stop();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_INTERVAL_MS);
    expect(await registry.servers()).toMatchObject([{ instance: "first" }]);
    expect(lines).toEqual([
      expect.stringMatching(/^warn another process .* SERVER_ID/),
      "info heartbeat is back",
    ]);
    await earlier.stop();
  });
});
