import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const NAMES = ["RUST_LOG", "WEBSOCKET_PORT", "WEBSOCKET_MAX_CONNECTIONS", "ping"] as const;

describe("nearest", () => {
  it("weighs slips by the length of a name", () => {
    expect(nearest("WEBSOCKET_MAX_CONN", NAMES)).toEqual({
      name: "WEBSOCKET_MAX_CONNECTIONS",
      isSlip: false,
    });
    expect(nearest("anything", [])).toBeNull();
  });

  it.each([
    ["RUST_LGO", "RUST_LOG", true],
    ["rust-log", "RUST_LOG", true],
    ["RUST_XYZ", "RUST_LOG", false],
    ["pign", "ping", false],
    ["pin", "ping", true],
    ["", "ping", false],
    ["WEBSOKCET_MAX_CONECTIONS", "WEBSOCKET_MAX_CONNECTIONS", true],
  ])("takes %j for %s, as a slip: %j", (text, name, isSlip) => {
    expect(nearest(text, ["ping", ...NAMES])).toEqual({ name, isSlip });
  });

  it("knows what others call a name", () => {
    const aliases = new Map([["heartbeat", "ping"]] as const);
    expect(nearest("Heart-Beat", NAMES, aliases)).toEqual({ name: "ping", isSlip: true });
  });

  it("does not take long for a long text", () => {
    expect(nearest("x".repeat(10_000_000), NAMES)?.isSlip).toBe(false);
  });
});
