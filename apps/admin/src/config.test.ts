import { ConfigError, describeVariables, loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { adminConfig } from "./config.ts";

describe("adminConfig", () => {
  it("has defaults that work", () => {
    const config = loadConfig(adminConfig, {});
    expect(config).toMatchObject({ ADMIN_PORT: 8081 });
    expect(config.ADMIN_TOKEN).toBeUndefined();
    expect(config.ADMIN_HOST).toBeUndefined();
  });

  it.each(["short", "with a space in it!!", "café-café-café-café"])(
    "refuses a token and does not repeat it: %s",
    (token) => {
      const load = (): unknown => loadConfig(adminConfig, { ADMIN_TOKEN: token });
      expect(load).toThrow(ConfigError);
      expect(load).toThrow(/ADMIN_TOKEN: must /);
      expect(load).not.toThrow(token);
    },
  );

  it.each(["https://ws.test/ws", "ws.test", "wss://user:pass@ws.test/ws", "ws://ws.test/ws#a"])(
    "refuses what browsers cannot open as the gateway's URL: %s",
    (url) => {
      expect(() => loadConfig(adminConfig, { DASHBOARD_GATEWAY_URL: url })).toThrow(
        /DASHBOARD_GATEWAY_URL: must be/,
      );
    },
  );

  it("needs the broker, for it is a process of its own", () => {
    expect(() => loadConfig(adminConfig, { MESSAGE_BROKER_ENABLED: "false" })).toThrow(
      /MESSAGE_BROKER_ENABLED: false is only/,
    );
  });

  it("describes every variable", () => {
    for (const { name, description } of describeVariables(adminConfig))
      expect([name, description]).not.toContain("");
  });
});
