import { describe, expect, it } from "vitest";
import { readCliOptions } from "./cli-options.ts";

describe("the command line", () => {
  it("has the ports of real nodes as defaults", () => {
    expect(readCliOptions([])).toMatchObject({
      httpPort: 8899,
      wsPort: 8900,
      endpoints: 1,
      host: "127.0.0.1",
      slotMs: 400,
      market: true,
      replay: [],
    });
  });

  it("reads every flag", () => {
    const flags =
      "--http-port 0 --ws-port 0 --market on --market-rate 2.5 --replay a --replay b --quiet --endpoints 2";
    expect(readCliOptions(flags.split(" "))).toMatchObject({
      httpPort: 0,
      wsPort: 0,
      market: true,
      marketRate: 2.5,
      replay: ["a", "b"],
      quiet: true,
      endpoints: 2,
    });
  });

  it("lists everything that is wrong, by flag", () => {
    const flags = "--http-port 70000 --slot-ms 1.5 --market maybe --program-id me";
    expect(() => readCliOptions(flags.split(" "))).toThrow(
      /--market must be on or off.*--program-id must be.*--http-port must be a number from 0 to 65535.*--slot-ms must be a whole number/s,
    );
    expect(() => readCliOptions(["--prot", "1"])).toThrow("--prot");
  });
});
