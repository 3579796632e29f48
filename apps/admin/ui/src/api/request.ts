import { signal } from "@preact/signals";
import { sessionValue } from "../session-value.ts";

/** An answer is waited for so long. */
const NO_ANSWER = "The admin service does not answer. This page tries again by itself.";
const NO_ANSWER_TO_WRITE =
  "The admin service did not answer. It may have been done: look before you do it again.";
const TIMEOUT_MS = 10_000;

/** ADMIN_TOKEN, as a person typed it. */
export const adminToken = sessionValue("commcoin-admin-token");
/** Why reads are refused for want of a token; null while they are not. */
export const readsRefused = signal<string | null>(null);

/** What went wrong, in words for a person. `status` is 0 when there was no answer. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** What went wrong, in words for a person. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface RequestOptions {
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

async function readAnswer<Body>(answer: Response): Promise<Body> {
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body as Body;
  const { message } = (body ?? {}) as { readonly message?: unknown };
  const reason = typeof message === "string" ? message : `The server answered with status ${answer.status}.`;
  throw new RequestError(reason, answer.status);
}

/**
 * Asks the admin API.
 * @throws {RequestError} also when there is no answer.
 */
export async function request<Body>(path: string, options: RequestOptions = {}): Promise<Body> {
  const { method = "GET", body, signal: cancelled } = options;
  const token = adminToken.value;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const headers: Record<string, string> = {};
  if (token !== "") headers["authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      signal: cancelled === undefined ? timeout : AbortSignal.any([timeout, cancelled]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new RequestError(method === "GET" ? NO_ANSWER : NO_ANSWER_TO_WRITE, 0);
  }
  return readAnswer<Body>(answer);
}

/** A read. When it is refused for want of a token, the page asks for one. */
export async function read<Body>(path: string, cancelled?: AbortSignal): Promise<Body> {
  const sent = adminToken.value;
  try {
    const body = await request<Body>(path, cancelled === undefined ? {} : { signal: cancelled });
    readsRefused.value = null;
    return body;
  } catch (error) {
    if (error instanceof RequestError && (error.status === 401 || error.status === 403)) {
      // A wrong one is not sent again and again: guesses are counted.
      if (error.status === 401 && adminToken.value === sent) adminToken.keep("");
      readsRefused.value = error.message;
    }
    throw error;
  }
}
