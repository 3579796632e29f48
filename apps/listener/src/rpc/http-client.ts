import { STATUS_CODES } from "node:http";
import { Pool } from "undici";
import { readExcerpt, readText } from "./body.ts";
import type { NodeError } from "./node-error.ts";
import { hideSecretsOf } from "./public-url.ts";
import { errorOfStatus } from "./read-answer.ts";
import { splitCredentials } from "./split-credentials.ts";

/** Sends requests to one node. Connections are kept and used again; one request at a time goes over each. */
export interface HttpClient {
  /**
   * @param body the JSON to send.
   * @returns the text of the answer.
   * @throws {NodeError} when the node answers with a status that brings no result; else what went wrong on the way, or
   *   the signal's reason.
   */
  post(body: string, signal?: AbortSignal): Promise<string>;
}

/** How long a connection that nobody uses is kept where the node does not say; the time limits of requests are the caller's. */
const POOL = { keepAliveTimeout: 30_000, headersTimeout: 0, bodyTimeout: 0 };

const only = (header: string | readonly string[] | undefined): string | null =>
  (typeof header === "string" ? header : header?.[0]) ?? null;

/** @param maxBytes of an answer, as it comes and when it is inflated; enough for anything but whole blocks by default. */
export function createHttpClient(address: string, maxBytes?: number): HttpClient {
  const { url, headers: credentials } = splitCredentials(address);
  const pool = new Pool(url.origin, POOL);
  const hide = hideSecretsOf(address);
  const request = {
    method: "POST",
    path: `${url.pathname}${url.search}`,
    headers: {
      ...credentials,
      accept: "application/json",
      "accept-encoding": "gzip",
      "content-type": "application/json; charset=utf-8",
    },
  } as const;

  const refusalOf = async (
    status: number,
    { body, headers }: Awaited<ReturnType<typeof pool.request>>,
  ): Promise<NodeError> => {
    const text = await readExcerpt(body, headers["content-encoding"]);
    const said = text.trim() === "" ? (STATUS_CODES[status] ?? "") : text;
    return errorOfStatus(status, said, only(headers["retry-after"]), hide);
  };

  return {
    async post(body, signal) {
      try {
        const response = await pool.request({ ...request, body, signal: signal ?? null });
        const { statusCode } = response;
        if (statusCode < 200 || statusCode > 299) throw await refusalOf(statusCode, response);
        const text = await readText(response.body, response.headers["content-encoding"], maxBytes);
        // What was read of a page when the signal came is no answer.
        signal?.throwIfAborted();
        return text;
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error;
      }
    },
  };
}
