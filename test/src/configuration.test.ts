import { afterAll, describe, expect, it } from "vitest";
import { killAll, startProcess } from "./support/service-process.ts";

const SERVICES = ["listener", "gateway", "admin", "standalone"] as const;
const mainOf = (service: string): string => `apps/${service}/src/main.ts`;

afterAll(killAll);

describe.each(SERVICES)("%s with a configuration that cannot be used", (service) => {
  it("exits with 1 before it listens, listing every problem by name and no value", async () => {
    const process = startProcess(mainOf(service), {
      SERVER_ID: "not a name",
      LOG_LEVEL: "loud",
      MESSAGE_BROKER_ENABLED: "perhaps",
      REDIS_URL: "ftp://user:hunter2@somewhere",
    });
    expect(await process.exit).toEqual({ code: 1, signal: null });
    expect(process.lines).toEqual([]);
    for (const name of ["SERVER_ID", "LOG_LEVEL", "MESSAGE_BROKER_ENABLED", "REDIS_URL"]) {
      expect(process.errors()).toContain(`- ${name}: `);
    }
    expect(process.errors()).not.toMatch(/hunter2|perhaps|loud|\bat .*\.ts/);
  });
});

describe.each(SERVICES.filter((service) => service !== "standalone"))("%s alone", (service) => {
  it("refuses to run without the broker, in a sentence", async () => {
    const process = startProcess(mainOf(service), { MESSAGE_BROKER_ENABLED: "false" });
    expect((await process.exit).code).toBe(1);
    expect(process.errors()).toMatch(
      /MESSAGE_BROKER_ENABLED: false is only possible in the standalone service/,
    );
  });
});

describe("several gateway workers", () => {
  it("are refused by the standalone service, with the reason", async () => {
    const process = startProcess(mainOf("standalone"), {
      GATEWAY_WORKERS: "2",
      MESSAGE_BROKER_ENABLED: "false",
    });
    expect((await process.exit).code).toBe(1);
    expect(process.errors()).toMatch(
      /GATEWAY_WORKERS: must be 1 in the standalone service, which is one process/,
    );
  });

  it("have a supervisor that says once what is wrong", async () => {
    const process = startProcess(mainOf("gateway"), { GATEWAY_WORKERS: "3", SERVER_ID: "a".repeat(63) });
    expect((await process.exit).code).toBe(1);
    expect(process.errors().match(/SERVER_ID/g)).toHaveLength(1);
    expect(process.lines).toEqual([]);
  });
});

describe("a Redis that cannot be reached", () => {
  it("is named without its password, and the service exits with 1", async () => {
    const process = startProcess(mainOf("gateway"), { REDIS_URL: "redis://:hunter2@127.0.0.1:1" });
    expect((await process.exit).code).toBe(1);
    expect(process.errors()).toContain("127.0.0.1:1");
    expect(process.errors()).not.toContain("hunter2");
  });
});

describe("names that are almost right", () => {
  it("are warned of at the start, and what follows from other variables is said", async () => {
    const localnet = "127.0.0.1:8899";
    const process = startProcess(mainOf("standalone"), {
      MESSAGE_BROKER_ENABLED: "false",
      WEBSOCKT_MAX_CONNECTIONS: "hunter2",
      REDIS_PORT_6379_TCP: "tcp://10.0.0.7:6379",
      RUST_LOG: "websockt=debug,transaction_listener=warn",
      SOLANA_RPC_URL: `http://${localnet}/hunter2?key=hunter2`,
      SOLANA_WS_URL: "",
      WEBSOCKET_PORT: "0",
      ADMIN_PORT: "0",
      LISTENER_PORT: "0",
    });
    await process.says(({ module, port }) => module === "websocket" && typeof port === "number");
    process.kill("SIGTERM");
    await process.exit;
    const said = process.lines.map(({ level, msg }) => [level, msg]);
    expect(said.filter(([level]) => level === "warn").slice(0, 2)).toEqual([
      ["warn", expect.stringMatching(/WEBSOCKT_MAX_CONNECTIONS; .*: WEBSOCKET_MAX_CONNECTIONS$/)],
      ["warn", expect.stringMatching(/RUST_LOG: .*websockt; .*: websocket$/)],
    ]);
    const implied = process.lines.filter(
      ({ msg }) => msg === "SOLANA_WS_URL is not set: it follows from SOLANA_RPC_URL",
    );
    expect(implied).toMatchObject([{ level: "info", hosts: ["ws://127.0.0.1:8900"] }]);
    expect(JSON.stringify(process.lines)).not.toContain("hunter2");
  });
});
