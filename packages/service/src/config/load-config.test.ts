import { describe, expect, it } from "vitest";
import { z } from "zod";
import { commonVariables, requireBroker } from "./common.ts";
import { boolean, integer, list, oneOf, optional, port, urls } from "./fields.ts";
import { describeVariables } from "./describe.ts";
import { ConfigError, loadConfig } from "./load-config.ts";

const schema = z.object({
  ...commonVariables,
  PORT: port(8080, { description: "Port" }),
  LIMIT: integer(10, { description: "Limit", min: 1, max: 100 }),
  ENABLED: boolean(true, { description: "Switch" }),
  MODE: oneOf(["none", "all"], "none", { description: "Mode" }),
  NAMES: list(z.string().regex(/^[a-z]+$/, "must be lower-case letters"), { description: "Names", max: 2 }),
  RPC: urls(["http", "https"], "localhost:8899", { description: "Endpoints", max: 3 }),
  SECRET: optional(z.string().min(16, "must have at least 16 characters"), { description: "Secret" }),
});

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe("loadConfig", () => {
  it("fills in the defaults, and a server id of its own for every start", () => {
    const config = loadConfig(schema, {});
    expect(config).toMatchObject({
      MESSAGE_BROKER_ENABLED: true,
      REDIS_URL: "redis://localhost:6379",
      LOG_LEVEL: "info",
      PORT: 8080,
      LIMIT: 10,
      ENABLED: true,
      MODE: "none",
      NAMES: [],
      RPC: ["http://localhost:8899"],
    });
    expect(config.SERVER_ID).toMatch(/^server-[0-9a-f]{8}$/);
    expect(loadConfig(schema, {}).SERVER_ID).not.toBe(config.SERVER_ID);
    expect(config.SECRET).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("reads what is given, and takes a variable that is set to nothing as absent", () => {
    const config = loadConfig(schema, {
      SERVER_ID: "server-1",
      PORT: "0",
      LIMIT: " ",
      ENABLED: "False",
      NAMES: "a, b, a,",
      RPC: "https://a.example/key?x=1, b.example:80",
      REDIS_URL: "one:7000,two:7001",
      RUST_LOG: "websocket=debug,transaction_listener=debug,warn",
    });
    expect(config).toMatchObject({
      SERVER_ID: "server-1",
      PORT: 0,
      LIMIT: 10,
      ENABLED: false,
      NAMES: ["a", "b"],
      RPC: ["https://a.example/key?x=1", "http://b.example:80"],
      REDIS_URL: "redis://one:7000,two:7001",
      RUST_LOG: { base: "warn", modules: { websocket: "debug", transaction_listener: "debug" } },
    });
  });

  it("takes what topics keep, by name", () => {
    expect(loadConfig(schema, { TOPIC_RETENTION: "program=20000, token=500:3600" }).TOPIC_RETENTION).toEqual({
      program: { maxMessages: 20_000 },
      token: { maxMessages: 500, maxAgeMs: 3_600_000 },
    });
    expect(loadConfig(schema, {}).TOPIC_RETENTION).toBeUndefined();
  });

  it.each([
    ["program", "<topic name>=<messages>"],
    ["program=1e9", "<topic name>=<messages>"],
    ["token=5", "of token must keep 10 to 1000000 messages"],
    ["token=2000000", "of token must keep 10 to 1000000 messages"],
    ["token=500:60", "of token must keep them for 600 to 86400 seconds"],
    ["transactions=1000", "of transactions must keep 20000 to 1000000 messages"],
    [Array.from({ length: 33 }, (_, n) => `t${n}=100`).join(","), "at most 32 topic names"],
  ])("refuses to keep %s", (given, message) => {
    expect(() => loadConfig(schema, { TOPIC_RETENTION: given })).toThrow(message);
  });

  it.each([
    "redis://localhost:6379",
    "rediss://user:pass@host:6380/1",
    "redis+sentinel://a:26379,b:26379/mymaster",
  ])("knows the Redis address %s", (url) =>
    expect(loadConfig(schema, { REDIS_URL: url }).REDIS_URL).toBe(url),
  );

  it("takes white space around a value for none, as files with CRLF have it", () => {
    expect(
      loadConfig(schema, {
        SERVER_ID: "server-1\r",
        MODE: " all\r\n",
        LOG_LEVEL: "warn\t",
        REDIS_URL: "redis://localhost:6379\r",
      }),
    ).toMatchObject({
      SERVER_ID: "server-1",
      MODE: "all",
      LOG_LEVEL: "warn",
      REDIS_URL: "redis://localhost:6379",
    });
  });

  it.each(["INFO", "Info", " info "])("takes a word in capitals: %s", (text) => {
    expect(loadConfig(schema, { LOG_LEVEL: text, MODE: "ALL" })).toMatchObject({
      LOG_LEVEL: "info",
      MODE: "all",
    });
  });

  it("says of a value that is wrong whether quotation marks are a part of it", () => {
    expect(problemsOf({ PORT: '"8080"', MODE: "'all'", LIMIT: "0" })).toEqual([
      expect.stringMatching(/^PORT: must be a whole number; the quotation marks/),
      "LIMIT: must be at least 1",
      expect.stringMatching(/^MODE: must be one of none, all; the quotation marks/),
    ]);
  });

  it("lists every problem at once, by name and without a value", () => {
    const problems = problemsOf({
      SERVER_ID: "has space",
      REDIS_URL: "http://s3cret@host",
      LOG_LEVEL: "loud",
      RUST_LOG: "websocket=loud",
      PORT: "70000",
      LIMIT: "0",
      ENABLED: "maybe",
      MODE: "some",
      NAMES: "A",
      RPC: "ftp://s3cret@host",
      SECRET: "s3cret",
    });
    const names = ["SERVER_ID", "REDIS_URL", "LOG_LEVEL", "RUST_LOG", "PORT", "LIMIT"];
    names.push("ENABLED", "MODE", "NAMES", "RPC", "SECRET");
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(":"))).toSorted()).toEqual(
      names.toSorted(),
    );
    expect(problems.join("\n")).not.toMatch(/s3cret|maybe|loud|70000/);
  });

  it.each(["tcp://10.0.0.1:80", "tcp://[fd00::1]:8081", "udp://10.0.0.1:53", "sctp://10.0.0.1:9"])(
    "says where the address %s of a Service comes from, once",
    (PORT) =>
      expect(problemsOf({ PORT })).toEqual([
        expect.stringMatching(/^PORT: was set by Kubernetes .*enableServiceLinks: false/),
      ]),
  );

  it.each(["1.5", "-1", "1e3", "0x10", "9".repeat(20)])("refuses %s as a whole number", (PORT) =>
    expect(problemsOf({ PORT })).toHaveLength(1),
  );

  it("bounds lists", () => {
    expect(problemsOf({ NAMES: "a,b,c" })).toEqual(["NAMES: must not hold more than 2 values"]);
    expect(problemsOf({ RPC: "," })).toEqual(["RPC: must hold at least one address"]);
  });
});

describe("requireBroker", () => {
  it("refuses to run a lone service without Redis, and says where that is possible", () => {
    const lone = schema.superRefine(requireBroker);
    expect(() => loadConfig(lone, { MESSAGE_BROKER_ENABLED: "false" })).toThrow(
      /MESSAGE_BROKER_ENABLED: false is only possible in the standalone service/,
    );
    expect(loadConfig(lone, {}).MESSAGE_BROKER_ENABLED).toBe(true);
  });

  it("is listed beside what is wrong with single variables, and never twice", () => {
    const lone = schema.superRefine(requireBroker);
    const problemNames = (env: Record<string, string>): string[] => {
      try {
        loadConfig(lone, env);
      } catch (error) {
        if (error instanceof ConfigError)
          return error.problems.map((problem) => problem.split(":", 1).join());
      }
      return [];
    };
    expect(problemNames({ PORT: "x", MESSAGE_BROKER_ENABLED: "false" })).toEqual([
      "PORT",
      "MESSAGE_BROKER_ENABLED",
    ]);
    expect(problemNames({ PORT: "x", MESSAGE_BROKER_ENABLED: "maybe" })).toEqual([
      "MESSAGE_BROKER_ENABLED",
      "PORT",
    ]);
  });
});

describe("describeVariables", () => {
  it("knows name, default and description of each", () => {
    const described = describeVariables(schema);
    expect(described.find(({ name }) => name === "PORT")).toEqual({
      name: "PORT",
      default: "8080",
      description: "Port",
    });
    expect(described.find(({ name }) => name === "SECRET")?.default).toBeNull();
    expect(described.every(({ description }) => description !== "")).toBe(true);
  });
});
