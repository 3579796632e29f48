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
