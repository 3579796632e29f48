import { describe, expect, it } from "vitest";
import { readCommandLine } from "./read-command-line.ts";

const read = (...args: string[]) => readCommandLine(args, ["intake", "fan-out"]);

describe("command line", () => {
  it("runs everything by default", () => {
    expect(read()).toEqual({
      names: [],
      quick: false,
      connections: undefined,
      profile: undefined,
      help: false,
    });
  });

  it("takes names and flags in any order", () => {
    expect(read("--quick", "fan-out", "--connections=500")).toMatchObject({
      names: ["fan-out"],
      quick: true,
      connections: 500,
    });
  });

  it.each(["0", "-1", "x", "1.5", "1000000"])("refuses --connections=%s", (value) => {
    expect(() => read(`--connections=${value}`)).toThrow(/whole number/);
  });

  it("is asked for help", () => {
    expect(read("--help").help).toBe(true);
  });

  it("names the benches that there are", () => {
    expect(() => read("fanout")).toThrow("There is no bench fanout. There are: intake, fan-out.");
  });
});
