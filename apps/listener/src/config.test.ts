import { ConfigError, loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { listenerConfig } from "./config.ts";

/** Addresses, each another one: their last letters count. */
const distinct = (count: number): readonly string[] => {
  const letters = "abcdefghijkmnopqrstuvwxyz";
  return Array.from(
    { length: count },
    (_, n) =>
      `So1111111111111111111111111111111111111${letters[Math.floor(n / letters.length)]}${letters[n % letters.length]}11`,
  );
};

const problems = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(listenerConfig, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
};

describe("configuration of the listener", () => {
  it("has defaults that work", () => {
    expect(loadConfig(listenerConfig, {})).toMatchObject({
      TRANSACTION_LISTENER_ENABLED: true,
      SOLANA_RPC_URL: ["http://localhost:8899"],
      SOLANA_WS_URL: ["ws://localhost:8900"],
      COMMCOIN_PROGRAM_ID: "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX",
      LISTENER_PORT: 8082,
      TRANSACTION_LISTENER_PROGRAM: true,
      TRANSACTION_LISTENER_TOKENS: "created",
      TRANSACTION_LISTENER_ACCOUNTS: [],
    });
  });

  it.each([
    [undefined, ["http://localhost:8899"], ["ws://localhost:8900"]],
    [
      "",
      ["http://one.example/key", "https://two.example:8899"],
      ["ws://one.example/key", "wss://two.example:8900"],
    ],
  ])("takes the PubSub addresses from the others where they are %j", (wsUrls, rpcUrls, expected) => {
    const config = loadConfig(listenerConfig, { SOLANA_RPC_URL: rpcUrls.join(", "), SOLANA_WS_URL: wsUrls });
    expect(config).toMatchObject({ SOLANA_RPC_URL: rpcUrls, SOLANA_WS_URL: expected });
  });

  it("blames no variable that is not set", () => {
    const load = () => loadConfig(listenerConfig, { SOLANA_RPC_URL: "ftp://one.example,two.example" });
    expect(load).toThrow(/SOLANA_RPC_URL/);
    expect(load).not.toThrow(/SOLANA_WS_URL/);
  });

  it("takes several nodes and hundreds of accounts", () => {
    const config = loadConfig(listenerConfig, {
      SOLANA_RPC_URL: "https://one.example/key, two.example:8899",
      SOLANA_WS_URL: "wss://one.example/key, two.example:8900",
      TRANSACTION_LISTENER_ACCOUNTS: distinct(200).join(),
    });
    expect(config.SOLANA_RPC_URL).toEqual(["https://one.example/key", "http://two.example:8899"]);
    expect(config.TRANSACTION_LISTENER_ACCOUNTS).toHaveLength(200);
  });

  it("follows an address once that is named twice", () => {
    const [one, two] = distinct(2);
    const config = loadConfig(listenerConfig, { TRANSACTION_LISTENER_ACCOUNTS: [one, two, one].join() });
    expect(config.TRANSACTION_LISTENER_ACCOUNTS).toEqual([one, two]);
  });

  it("refuses nodes that lack one of their addresses", () => {
    expect(problems({ SOLANA_RPC_URL: "a:1,b:2", SOLANA_WS_URL: "one:8900" })).toEqual([
      "SOLANA_WS_URL: must hold as many addresses as SOLANA_RPC_URL: they pair up in order, but there are 1 and 2",
    ]);
  });

  it("names every bad value at once", () => {
    const env = {
      COMMCOIN_PROGRAM_ID: "nonsense",
      TRANSACTION_LISTENER_ACCOUNTS: "11111111111111111111111111111111,0x12",
      TRANSACTION_LISTENER_TOKENS: "some",
      SOLANA_WS_URL: "http://wrong",
    };
    const named = new Set(problems(env).map((problem) => problem.split(":")[0]));
    expect(named).toEqual(new Set(Object.keys(env)));
  });

  it("refuses audits so rare that a takeover would tell events twice", () => {
    const TRANSACTION_LISTENER_AUDIT_INTERVAL = "60";
    expect(problems({ TRANSACTION_LISTENER_AUDIT_INTERVAL })).toEqual([]);
    expect(problems({ TRANSACTION_LISTENER_AUDIT_INTERVAL: "61" })).toEqual([
      expect.stringContaining("TRANSACTION_LISTENER_AUDIT_INTERVAL"),
    ]);
  });

  it("refuses to run without Redis by itself", () => {
    expect(problems({ MESSAGE_BROKER_ENABLED: "false" })[0]).toContain("standalone");
  });
});
