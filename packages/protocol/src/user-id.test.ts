import { describe, expect, it } from "vitest";
import { isUserId, userId } from "./user-id.ts";

describe("user ids", () => {
  it.each([
    "123",
    "auth0|5f7c8e",
    "google-oauth2|1122",
    "did:privy:c1x",
    "ann+news@mail.test",
    "0190f3c2-7d5e-7b1a-9c44-3f1f6f0f8a11",
    "Jürgen",
    "us-east-1:ab12",
    'a{b}c#d?e&f=g%20"h\\',
    "李雷",
    "🦊",
    "4Nd1mYvQwq1m3k8Zy7hWzQ9o6sVYvTqbJ2bqz8m5r9Ab",
    "x".repeat(256),
    "ü".repeat(128),
    "...",
    "undefined-1",
    "Null",
  ])("may be %s", (text) => {
    expect(isUserId(text)).toBe(true);
    expect(userId.safeParse(text).success).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["a part of a path", "a/b"],
    ["a place in a path", ".."],
    ["a list", "a,b"],
    ["a space", "a b"],
    ["a space at the end", "a "],
    ["a space that does not break", "a\u00a0b"],
    ["a line break", "a\n"],
    ["a control character", "a\u0000b"],
    ["one of the upper ones", "a\u0085b"],
    ["what turns the direction of writing", "a\u202eb"],
    ["what cannot be seen", "a\u200bb"],
    ["a filler", "\u3164"],
    ["a narrow filler beside what is seen", "ann\uffa0"],
    ["a blank of braille", "\u2800\u2800"],
    ["a sign that chooses a form", "a\ufe0f"],
    ["a tag", "a\u{e0061}"],
    ["a variable without a value", String(undefined)],
    ["nothing", String(null)],
    ["no number", String(Number.NaN)],
    ["nothing of Python", "None"],
    ["half of a character", "a\ud83e"],
    ["too many bytes", "x".repeat(257)],
    ["too many bytes of fewer characters", "ü".repeat(129)],
  ])("may not be or have %s", (_, text) => {
    expect(isUserId(text)).toBe(false);
    expect(userId.safeParse(text).error?.issues[0]?.message).toContain("1 to 256 bytes");
  });

  it("are compared as they are: what looks the same may be somebody else", () => {
    const [composed, decomposed] = ["J\u00fcrgen", "Ju\u0308rgen"];
    expect([composed, decomposed].map((id) => userId.parse(id))).toEqual([composed, decomposed]);
  });
});
