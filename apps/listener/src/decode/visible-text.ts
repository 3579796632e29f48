import { HIDDEN as HIDDEN_CLASS } from "@commcoin/protocol";

/** Longest name, symbol or address that is shown. Metaplex allows 32, 10 and 200 bytes, Token-2022 whatever fits. */
export const MAX_TEXT_BYTES = 1_024;

/** What can be nothing but itself: most texts are. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

// Built from text: the compiler's target knows no sets in regular expressions yet.
const SPACE = new RegExp(String.raw`[\p{White_Space}\u2800]`, "gv");
const SPACES = / +/g;

/** Scripts that are written with joiners between letters; elsewhere joiners change nothing that can be seen. */
const LETTERS_THAT_JOIN = String.raw`[[\p{L}\p{M}]&&[${[
  "Arabic",
  "Bengali",
  "Devanagari",
  "Gujarati",
  "Gurmukhi",
  "Kannada",
  "Khmer",
  "Malayalam",
  "Mongolian",
  "Myanmar",
  "Oriya",
  "Sinhala",
  "Syriac",
  "Tamil",
  "Telugu",
]
  .map((script) => String.raw`\p{Script=${script}}`)
  .join("")}]]`;

/** Format characters that are seen: signs of Arabic and Syriac that stand around digits. */
const SEEN_FORMATS = String.raw`[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]`;

/** Kept are emoji as Unicode lists them, and joiners within scripts that need them. */
const HIDDEN = new RegExp(
  [
    String.raw`(?<kept>\p{RGI_Emoji}|(?<=${LETTERS_THAT_JOIN})[\u200C\u200D](?=${LETTERS_THAT_JOIN}))`,
    String.raw`[[${HIDDEN_CLASS}]--${SEEN_FORMATS}]`,
  ].join("|"),
  "gv",
);

/** A letter, digit, sign or symbol. A mark alone has nothing to stand on. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * A text as a person sees it: without what cannot be seen, in the order in which its characters are written, with single
 * spaces. Two texts that look the same by such tricks are the same afterwards. Null when nothing can be seen.
 */
export function visibleText(text: string): string | null {
  if (PLAIN.test(text)) return text;
  const seen = text
    .replaceAll(SPACE, " ")
    .replaceAll(HIDDEN, (_, kept: string | undefined) => kept ?? "")
    .replaceAll(SPACES, " ")
    .trim();
  return VISIBLE.test(seen) ? seen : null;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The same of bytes; null also when they are no UTF-8, or too many. */
export function readVisibleText(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_TEXT_BYTES) return null;
  try {
    return visibleText(decoder.decode(bytes));
  } catch {
    return null;
  }
}
