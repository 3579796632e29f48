import { describe, expect, it } from "vitest";
import { isLocalRequest, isLoopback } from "./local-request.ts";

describe("isLoopback", () => {
  it.each([
    "127.0.0.1",
    "127.8.9.10",
    "::1",
    "::ffff:127.0.0.1",
    "::FFFF:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:0:0:1",
  ])("counts %s as this machine", (address) => expect(isLoopback(address)).toBe(true));

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

const HOST = ["Host", "localhost:8081"];
const isLocal = (rawHeaders: readonly string[], address = "127.0.0.1"): boolean =>
  isLocalRequest({ address, rawHeaders });

describe("isLocalRequest", () => {
  it.each([
    "localhost",
    "localhost:8081",
    "LocalHost:1",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:8081",
  ])("is so by the name %s", (host) => {
    expect(isLocal(["host", host])).toBe(true);
    expect(isLocal(["HOST", host], "::1")).toBe(true);
    expect(isLocal(["Host", host], "::ffff:127.0.0.1")).toBe(true);
    expect(isLocal(["Host", host], "10.0.0.1")).toBe(false);
  });

  it.each([
    "rebound.example",
    "rebound.example:8081",
    "localhost.rebound.example",
    "localhost.",
    "127.0.0.1.rebound.example",
    "rebound.example#localhost",
    "user@localhost",
    "localhost:",
    "localhost:8081:8081",
    "localhost, rebound.example",
    "127.1",
    "0.0.0.0",
    "::1",
    "[::ffff:127.0.0.1]",
    "192.168.0.2:8081",
    "",
  ])("is not so by the name %j, which may lead here as well", (host) => {
    expect(isLocal(["Host", host])).toBe(false);
  });

  it("is not so without a name, or with two", () => {
    expect(isLocal([])).toBe(false);
    expect(isLocal([...HOST, "host", "rebound.example"])).toBe(false);
    expect(isLocal([...HOST, ...HOST])).toBe(false);
  });

  it.each(["http://localhost:8081", "HTTP://LOCALHOST:8081"])("is so for a page of %s itself", (origin) => {
    expect(isLocal([...HOST, "Origin", origin, "Sec-Fetch-Site", "same-origin"])).toBe(true);
  });

  it("knows the port that a page of port 80 leaves out", () => {
    expect(isLocal(["Host", "localhost:80", "Origin", "http://localhost"])).toBe(true);
  });

  it.each([
    "http://evil.example",
    "https://localhost:8081",
    "http://localhost:3000",
    "http://localhost",
    "http://127.0.0.1:8081",
    "null",
    "",
    "localhost:8081",
    "chrome-extension://abc",
    "http://localhost:8081, http://evil.example",
  ])("is not so for a page of %j", (origin) => {
    expect(isLocal([...HOST, "Origin", origin])).toBe(false);
  });

  it("is not so when any of several origins is another's", () => {
    expect(isLocal([...HOST, "Origin", "http://localhost:8081", "origin", "http://evil.example"])).toBe(
      false,
    );
  });

  it.each([
    ["none", true],
    ["same-origin", true],
    ["same-site", false],
    ["cross-site", false],
    ["", false],
    ["same-origin, cross-site", false],
  ])("takes a fetch from the site %j for local: %j", (site, local) => {
    expect(isLocal([...HOST, "Sec-Fetch-Site", site])).toBe(local);
    expect(isLocal([...HOST, "sec-fetch-site", "none", "Sec-Fetch-Site", site])).toBe(local);
  });

  it.each([
    "Via",
    "Forwarded",
    "X-Real-IP",
    "X-Forwarded-For",
    "x-forwarded-host",
    "X-FORWARDED-PROTO",
    "X-Forwarded-Anything",
    "X-Forwarded",
    "X-Client-IP",
    "True-Client-IP",
    "X-Azure-ClientIP",
    "CF-Connecting-IP",
    "X-Original-Forwarded-For",
    "X-Envoy-External-Address",
  ])("does not take the client of a proxy that sends %s for local, whatever it says", (name) => {
    for (const value of ["127.0.0.1", "", "unknown"]) expect(isLocal([...HOST, name, value])).toBe(false);
  });

  it("does not mind what programs here send", () => {
    const headers = [
      "User-Agent",
      "curl/8",
      "Accept",
      "*/*",
      "Connection",
      "keep-alive",
      "X-Request-Id",
      "1",
    ];
    expect(isLocal([...HOST, ...headers])).toBe(true);
  });
});
