import { wordsOf } from "./check.ts";
import { readText } from "./read-text.ts";

/** What an HTTP service answered, or why it did not. */
export type HttpAnswer =
  | { readonly status: number; readonly body: unknown; readonly text: string; readonly date: number | null }
  | { readonly status: null; readonly message: string };

interface Question {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly withinMs?: number;
}

const ANSWER_MS = 4_000;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Asks by GET, or by POST where there is a body. Ends in time, and never rejects. */
export async function askHttp(
  url: string | URL,
  { token, body, withinMs = ANSWER_MS }: Question = {},
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(withinMs),
    });
    const text = await readText(response);
    const date = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, body: parse(text), text, date: Number.isNaN(date) ? null : date };
  } catch (reason) {
    const isLate = reason instanceof Error && reason.name === "TimeoutError";
    return { status: null, message: isLate ? `no answer within ${withinMs / 1_000} s` : wordsOf(reason) };
  }
}

/** The sentence of an error that a service of ours answered, else the beginning of what it said. */
export function sentenceIn({ body, text }: { readonly body: unknown; readonly text: string }): string {
  const { message } = (body ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : text.replaceAll(/[\p{C}\s]+/gu, " ").slice(0, 120);
}
