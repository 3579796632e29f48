import { describe, expect, it } from "vitest";
import { createOriginCheck, originPattern } from "./allowed-origins.ts";

const patterns = ["https://app.example.com", "https://*.example.org", "http://localhost:3000"];
const allows = createOriginCheck(patterns.map((pattern) => originPattern.parse(pattern)));

describe("allowed origins", () => {
  it.each([
    "https://app.example.com",
    "https://APP.example.com",
    "https://a.example.org",
    "https://a.b.example.org",
    "http://localhost:3000",
    "",
  ])("let %s in", (origin) => expect(allows(origin)).toBe(true));

  it.each([
    "null",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.net",
    "https://evil-app.example.com",
    "https://example.org",
    "https://.example.org",
    "https://evilexample.org",
    "https://evil.net/.example.org",
    "https://evil.net#.example.org",
    "https://evil.net?.example.org",
    "https://user@evil.net\\.example.org",
    "http://a.example.org",
    "https://a.example.org:444",
    "http://localhost:3001",
  ])("keep %s out", (origin) => expect(allows(origin)).toBe(false));

  it("are all origins when none is listed", () => {
    expect(createOriginCheck([])("https://anything.example")).toBe(true);
  });

  it.each([
    "app.example.com",
    "https://app.example.com/",
    "https://app.example.com/path",
    "https://*",
    "https://*.*.example.com",
    "https://a.*.example.com",
    "*",
    "null",
  ])("cannot be written as %s", (text) => expect(originPattern.safeParse(text).success).toBe(false));
});
