import { ConfigError, loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { gatewayConfig } from "./config.ts";

const problems = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(gatewayConfig, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
};

describe("configuration", () => {
  it("needs nothing", () => {
    expect(loadConfig(gatewayConfig, {})).toMatchObject({
      SERVER_ID: expect.stringMatching(/^server-[0-9a-f]{8}$/),
      WEBSOCKET_PORT: 8080,
      WEBSOCKET_MAX_CONNECTIONS: 10_000,
      WEBSOCKET_HEARTBEAT_INTERVAL: 30,
      WEBSOCKET_MAX_CONNECTIONS_PER_IP: 0,
      WEBSOCKET_CONNECTS_PER_SECOND: 0,
      WEBSOCKET_MAX_SUBSCRIPTIONS: 128,
      WEBSOCKET_MAX_FRAME_BYTES: 65_536,
      WEBSOCKET_FRAMES_PER_SECOND: 50,
      WEBSOCKET_MAX_BACKPRESSURE_BYTES: 1_048_576,
      WEBSOCKET_EXTRA_TOPICS: [],
      SHUTDOWN_DRAIN_SECONDS: 10,
    });
  });

  it("wants the authentication mode to be chosen in production", () => {
    expect(problems({ NODE_ENV: "production" })).toEqual([expect.stringMatching(/^AUTH_MODE: must be set/)]);
    expect(problems({ NODE_ENV: "production", AUTH_MODE: "none" })).toEqual([]);
    expect(problems({ AUTH_MODE: "jwt" })).toEqual([expect.stringContaining("AUTH_MODE")]);
  });

  it("refuses to run without a broker, and topics that the server joins itself", () => {
    expect(problems({ MESSAGE_BROKER_ENABLED: "false" })).toEqual([expect.stringContaining("standalone")]);
    expect(problems({ WEBSOCKET_EXTRA_TOPICS: "candles,user" })).toEqual([
      expect.stringContaining("must not name broadcast, server or user"),
    ]);
    expect(problems({ WEBSOCKET_EXTRA_TOPICS: "Candles", WEBSOCKET_HEARTBEAT_INTERVAL: "0" })).toHaveLength(
      2,
    );
  });
});
