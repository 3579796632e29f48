import { describe, expect, it } from "vitest";
import { isLocalRequest, isLoopback } from "./loopback.ts";

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "0:0:0:0:0:0:0:1"])(
    "counts %s as this machine",
    (address) => expect(isLoopback(address)).toBe(true),
  );

  it.each([
    "10.0.0.1",
    "128.0.0.1",
    "::2",
    "::ffff:10.0.0.1",
    "fe80::1",
    "127.0.0.1.evil.example",
    "",
    "localhost",
  ])("does not count %j as this machine", (address) => expect(isLoopback(address)).toBe(false));

  it("does not count a socket that is gone as this machine", () => {
    expect(isLoopback(undefined)).toBe(false);
  });
});

describe("isLocalRequest", () => {
  it("believes the socket", () => {
    expect(isLocalRequest("127.0.0.1", {})).toBe(true);
    expect(isLocalRequest("10.0.0.1", {})).toBe(false);
  });

  it("lets no header make a stranger local", () => {
    expect(isLocalRequest("10.0.0.1", { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1" })).toBe(
      false,
    );
  });

  it("does not take a local proxy's client for local", () => {
    expect(isLocalRequest("127.0.0.1", { "x-forwarded-for": "127.0.0.1" })).toBe(false);
    expect(isLocalRequest("::1", { forwarded: "for=203.0.113.9" })).toBe(false);
  });
});
