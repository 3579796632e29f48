import { describe, expect, it } from "vitest";
import { findTrace } from "./trace.ts";

const line = (seconds: string, fields: object): string =>
  JSON.stringify({ level: "trace", time: `2026-11-29T10:00:${seconds}Z`, ...fields });
async function* from(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
const at = (epoch: string, offset: number) => ({ topic: "market_data", epoch, offset });

const LOGS = [
  // Gateways write their lines before the publisher has its answer.
  line("00.003", { server: "gateway-1", msg: "received from the broker", ...at("e", 7) }),
  `2026-11-29 gateway-2 | ${line("00.004", { server: "gateway-2", msg: "written to sockets", sockets: 3, ...at("e", 7) })}`,
  line("00.002", { server: "gateway-1", msg: "written to sockets", sockets: 9, ...at("older", 7) }),
  "not JSON at all",
  "{broken",
  JSON.stringify({ msg: "no time" }),
  line("00.001", { server: "listener", msg: "transaction", signature: "sig", slot: 5, origin: "live" }),
  line("00.006", { server: "listener", msg: "published", id: "sig:0:MarketData", ...at("e", 7) }),
  line("00.006", { server: "listener", msg: "published", id: "sig:1:MarketData", ...at("e", 8) }),
  line("00.007", { server: "gateway-1", msg: "received from the broker", ...at("e", 8) }),
  line("00.008", { server: "listener", msg: "published", id: "signature:0:MarketData", ...at("e", 9) }),
];

describe("findTrace", () => {
  it("finds a message by its id, and where its position arrived", async () => {
    const found = await findTrace(from(LOGS), "sig:0:MarketData");
    expect(found.map(({ server, msg, offset }) => [server, msg, offset])).toEqual([
      ["gateway-1", "received from the broker", 7],
      ["gateway-2", "written to sockets", 7],
      ["listener", "published", 7],
    ]);
  });

  it("finds all of a transaction by its signature, in order of time", async () => {
    const found = await findTrace(from(LOGS), "sig");
    expect(found.map(({ msg }) => msg)).toEqual([
      "transaction",
      "received from the broker",
      "written to sockets",
      "published",
      "published",
      "received from the broker",
    ]);
    expect(found[0]).toMatchObject({ slot: 5, origin: "live" });
  });

  it("finds nothing of what is not there", async () => {
    expect(await findTrace(from(LOGS), "si")).toEqual([]);
    expect(await findTrace(from([]), "sig")).toEqual([]);
  });
});
