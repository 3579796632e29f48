import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { parseRustLog } from "./log-levels.ts";
import { createLogger, type LoggerOptions } from "./logger.ts";

function recorder() {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { lines, destination };
}

const record = (options: Partial<LoggerOptions>) => {
  const { lines, destination } = recorder();
  return { lines, log: createLogger({ name: "websocket", level: "info", destination, ...options }) };
};

describe("levels", () => {
  it("apply to the service and its modules", () => {
    const { lines, log } = record({ level: "warn" });
    log.info("quiet");
    log.module("workers").info("quiet");
    log.module("workers").warn("heard");
    expect(lines).toMatchObject([{ level: "warn", module: "workers", msg: "heard" }]);
  });

  it("can be set by module, whatever the general level is", () => {
    const moduleLevels = parseRustLog("websocket=debug,message_broker=off");
    if (typeof moduleLevels === "string") throw new Error(moduleLevels);
    const { lines, log } = record({ level: "error", moduleLevels });
    log.debug("heard");
    log.module("message_broker").error("silenced");
    log.module("workers").debug("a part of it");
    expect(lines.map(({ msg }) => msg)).toEqual(["heard", "a part of it"]);
  });

  it("off silences everything", () => {
    const { lines, log } = record({ level: "off" });
    log.error("nobody hears");
    expect(lines).toEqual([]);
  });
});

describe("lines", () => {
  it("carry the fields, the server and no secret", () => {
    const { lines, log } = record({ serverId: "server-1" });
    log.info({ topic: "transactions", token: "s3cret", client: { authorization: "s3cret" } }, "joined");
    expect(lines).toMatchObject([{ server: "server-1", topic: "transactions", msg: "joined" }]);
    expect(JSON.stringify(lines)).not.toContain("s3cret");
  });
});

describe("RUST_LOG", () => {
  it.each([
    ["", { modules: {} }],
    ["debug", { base: "debug", modules: {} }],
    ["a=info, b=TRACE", { modules: { a: "info", b: "trace" } }],
    ["server::websocket=debug", { modules: { websocket: "debug" } }],
  ])("%j", (text, levels) => expect(parseRustLog(text)).toEqual(levels));

  it("explains what it wants", () => expect(parseRustLog("a=loud")).toMatch(/module=level/));
});
