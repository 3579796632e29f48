import { isObject } from "../decode/json-shape.ts";

/** Enough for a sentence, and too little to fill a log with. */
const MAX_WORDS = 220;
/** Of what is longer, only the beginning is looked at. */
const MAX_READ = 8_192;
/** Where providers put what they have to say, the most telling first. */
const FIELDS = ["message", "error", "error_description", "detail", "msg", "reason", "data"] as const;
const MAX_DEPTH = 3;

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** One line of printable text: what a terminal or a log would take for a command is left out. */
function tidy(text: string, hide: Hide): string {
  const line = hide(text.slice(0, MAX_READ))
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, " ")
    .trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS)}…`;
}

function wordsIn(value: unknown, hide: Hide, depth: number): string {
  if (typeof value === "string") return tidy(value, hide);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (!isObject(value) || depth === MAX_DEPTH) return "";
  for (const field of FIELDS) {
    const words = wordsIn(value[field], hide, depth + 1);
    if (words !== "") return words;
  }
  return tidy(Object.keys(value).slice(0, MAX_DEPTH).join(", "), hide);
}

/** What a node says with an error, or with an answer that is no JSON-RPC; empty where there are no words in it. */
export function wordsOf(value: unknown, hide: Hide): string {
  const words = wordsIn(value, hide, 0);
  const data = isObject(value) && typeof value["data"] === "string" ? tidy(value["data"], hide) : "";
  return data === "" || words.includes(data) ? words : `${words} (${data})`;
}

/** What a page or a text says: of HTML the title, else the text without its tags. */
export function wordsOfText(text: string, hide: Hide): string {
  const start = text.slice(0, MAX_READ);
  const title = /<title[^<>]*>([^<]+)/i.exec(start)?.[1];
  return tidy(title ?? start.replaceAll(/<[^<>]*>/g, " "), hide);
}

/** The code of a JSON-RPC error; some write it as a string. */
export function readCode(error: unknown): number | null {
  if (!isObject(error)) return null;
  const { code } = error;
  const number = typeof code === "string" && code.length <= 12 ? Number(code) : code;
  return Number.isSafeInteger(number) && code !== "" ? (number as number) : null;
}
