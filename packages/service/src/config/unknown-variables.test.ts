import { describe, expect, it } from "vitest";
import { unknownVariables } from "./unknown-variables.ts";
import { VARIABLE_NAMES } from "./variable-names.ts";

describe("unknownVariables", () => {
  it.each([
    ["WEBSOCKT_MAX_CONNECTIONS", "WEBSOCKET_MAX_CONNECTIONS"],
    ["WEBSOCKET_MAX_CONN", "WEBSOCKET_MAX_CONNECTIONS"],
    ["REDIS_ULR", "REDIS_URL"],
    ["REDIS_HOST", "REDIS_URL"],
    ["ADMIN_TOKN", "ADMIN_TOKEN"],
    ["ADMNI_TOKEN", "ADMIN_TOKEN"],
    ["AUTH_JWT_SECRT", "AUTH_JWT_SECRET"],
    ["SOLANA_RPC_URI", "SOLANA_RPC_URL"],
    ["SOLANA_WSS_URL", "SOLANA_WS_URL"],
    ["LOG_LEVLE", "LOG_LEVEL"],
    ["RUST_LGO", "RUST_LOG"],
    ["SERVERID", "SERVER_ID"],
    ["TRANSACTION_LISTNER_ENABLED", "TRANSACTION_LISTENER_ENABLED"],
    ["MESSAGE_BROKER_ENABLE", "MESSAGE_BROKER_ENABLED"],
    ["SHUTDOWN_DRAIN_SECS", "SHUTDOWN_DRAIN_SECONDS"],
    ["redis_url", "REDIS_URL"],
    ["TRUSTED_PROXY", "TRUSTED_PROXIES"],
    ["TRUSTED_PROXYS", "TRUSTED_PROXIES"],
    ["COMMCOIN_ADMN_URL", "COMMCOIN_ADMIN_URL"],
  ])("takes %s for %s", (name, right) => {
    expect(unknownVariables({ [name]: "x" })).toEqual([{ name, nearest: right }]);
  });

  it("knows the variables of all services", () => {
    expect(VARIABLE_NAMES).toEqual(
      expect.arrayContaining(["SOLANA_RPC_URL", "WEBSOCKET_PORT", "ADMIN_TOKEN"]),
    );
    expect(unknownVariables(Object.fromEntries(VARIABLE_NAMES.map((name) => [name, "x"])))).toEqual([]);
    expect(unknownVariables({ COMMCOIN_ADMIN_URL: "x", COMMCOIN_GATEWAY_URL: "x" })).toEqual([]);
  });

  it.each([
    ["npm_config_registry", "x"],
    ["NODE_OPTIONS", "x"],
    ["NODE_EXTRA_CA_CERTS", "x"],
    ["NODE_EVN", "x"],
    ["REDIS_PORT", "tcp://10.0.0.7:6379"],
    ["REDIS_PORT_6379_TCP", "tcp://10.0.0.7:6379"],
    ["REDIS_PORT_6379_TCP_ADDR", "10.0.0.7"],
    ["GATEWAY_SERVICE_HOST", "10.0.0.8"],
    ["GATEWAY_SERVICE_PORT", "8080"],
    ["ADMIN_SERVICE_PORT_HTTP", "8081"],
    ["KUBERNETES_SERVICE_HOST", "10.0.0.1"],
    ["PATH", "/usr/bin"],
    ["HOME", "/root"],
    ["HOSTNAME", "a"],
    ["SERVER_SOFTWARE", "x"],
    ["LOGNAME", "x"],
    ["RUST_BACKTRACE", "1"],
    ["HEALTH_PORT", "8080"],
    ["PWD", "/"],
    ["", "x"],
  ])("does not mind %s", (name, value) => {
    expect(unknownVariables({ [name]: value })).toEqual([]);
  });
});
