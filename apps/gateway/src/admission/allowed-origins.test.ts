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

  describe("of apps", () => {
    const listed = [
      "capacitor://localhost",
      "ionic://localhost",
      "tauri://localhost",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
      "app://Obsidian.md",
      "file://",
      "null",
    ];
    const allowed = createOriginCheck(listed.map((text) => originPattern.parse(text)));

    it.each(listed)("let %s in, as it is", (origin) => expect(allowed(origin)).toBe(true));

    it.each([
      "capacitor://localhost:80",
      "capacitor://LOCALHOST",
      "CAPACITOR://localhost",
      "capacitor://localhost.evil.net",
      "capacitor://",
      "app://obsidian.md",
      "chrome-extension://abcdefghijklmnopabcdefghijklmnoq",
      "http://localhost",
      "file:///",
      "Null",
      "undefined",
    ])("keep %s out", (origin) => expect(allowed(origin)).toBe(false));
  });

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
    "capacitor://localhost/",
    "capacitor://*",
    "chrome-extension://abc/page.html",
    "wss://app.example.com",
    "javascript://x",
    "capacitor:localhost",
    "NULL",
    "ionic://a b",
    "tauri://a?b",
  ])("cannot be written as %s", (text) => expect(originPattern.safeParse(text).success).toBe(false));
});
