import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readVisibleText, visibleText } from "./visible-text.ts";

describe("a text as a person sees it", () => {
  it.each([
    ["plain text", "Community Coin", "Community Coin"],
    ["what Metaplex fills up with", "Coin\0\0\0", "Coin"],
    ["spaces around and in a row", "  Two \u00a0  words\n", "Two words"],
    ["lines and tabs", "USDC\n\n\tofficial\u2028!", "USDC official !"],
    ["a bidirectional override", "\u202eLOS\u202c", "LOS"],
    ["isolates and marks of direction", "\u2066a\u2069\u200eb\u200f\u061cc", "abc"],
    ["controls inside", "Co\u0007i\u001b\u007fn\u0085", "Coin"],
    ["zero-width characters inside", "S\u200bO\u200c\u200d\u2060\ufeffL\u00ad", "SOL"],
    ["tags that spell something", "SOL\u{e0053}\u{e0043}\u{e0041}\u{e004d}", "SOL"],
    ["variation selectors that carry data", "S\ufe01\u{e0110}OL", "SOL"],
    ["a filler in the middle", "S\u3164OL", "SOL"],
    ["other scripts", "コミュニティ 币 مجتمع", "コミュニティ 币 مجتمع"],
    ["marks on letters", "é\u0301 n\u0303", "é\u0301 n\u0303"],
    ["joined Persian", "می\u200cخواهم", "می\u200cخواهم"],
    ["joined Devanagari", "क्\u200dष", "क्\u200dष"],
    [
      "a family, a flag, a heart, a key",
      "👨\u200d👩\u200d👧 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} ❤️ 1️⃣",
      "👨\u200d👩\u200d👧 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} ❤️ 1️⃣",
    ],
    ["only an emoji", "🚀", "🚀"],
    ["an Arabic number sign, which is seen", "\u0600\u0661", "\u0600\u0661"],
  ])("keeps of %s what is seen", (_, text, seen) => {
    expect(visibleText(text)).toBe(seen);
  });

  it.each([
    ["nothing", ""],
    ["spaces", " \t\n\u00a0\u2003\u3000\u205f"],
    ["zero-width characters", "\u200b\u200c\u200d\u2060\ufeff"],
    ["controls", "\0\u0001\u001b\u009f"],
    ["bidirectional controls", "\u202e\u202c\u2066\u2069\u061c"],
    ["Hangul fillers", "\u3164\u115f\u1160\uffa0"],
    ["Khmer vowels that are not written", "\u17b4\u17b5"],
    ["Mongolian separators", "\u180e\u180b"],
    ["tags", "\u{e0001}\u{e0041}\u{e007f}"],
    ["variation selectors", "\ufe0f\ufe0e\u{e0100}"],
    ["a blank of Braille", "\u2800 \u2800"],
    ["marks with nothing under them", "\u0301\u20dd"],
    ["musical and shorthand controls", "\u{1d173}\u{1bca0}"],
    ["joiners between joiners", "\u061c\u200c\u061c"],
    ["halves of characters", "\ud83d \udc00"],
    ["annotations and objects", "\ufff9\ufffb\ufffc"],
    ["soft hyphens and grapheme joiners", "\u00ad\u034f"],
  ])("is none where there are only %s", (_, text) => {
    expect(visibleText(text)).toBeNull();
  });

  it("hides nothing, whatever it is made of, and stays as it is when looked at again", () => {
    const nasty = fc.constantFrom(
      "\u202e",
      "\u200b",
      "\u200d",
      "\ufe0f",
      "\u{e0041}",
      "\0",
      "\u3164",
      "🏴",
      "❤",
      "م",
      "\ud83d",
    );
    const texts = fc.array(fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 20 });
    fc.assert(
      fc.property(texts, (parts) => {
        const seen = visibleText(parts.join("")) ?? "nothing";
        expect(visibleText(seen)).toBe(seen);
        expect(seen).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\u3164]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is none of bytes that are too many or no UTF-8", () => {
    expect(readVisibleText(Buffer.from("x".repeat(1_024)))).toBe("x".repeat(1_024));
    expect(readVisibleText(Buffer.from("x".repeat(1_025)))).toBeNull();
    expect(readVisibleText(Uint8Array.of(0x43, 0xff, 0xfe))).toBeNull();
    expect(readVisibleText(new Uint8Array(32))).toBeNull();
  });
});
