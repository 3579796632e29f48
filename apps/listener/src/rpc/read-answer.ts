import type { RpcTransport } from "@solana/kit";
import { isObject } from "../decode/json-shape.ts";
import { NodeError } from "./node-error.ts";
import { readCode, wordsOf, wordsOfText, type Hide } from "./node-words.ts";

const NOTHING = { code: null, status: null, retryAfter: null };

/** The error that an answer is, in whatever form; null where it has a result. */
export function errorIn(answer: unknown, hide: Hide): NodeError | null {
  const error = isObject(answer) ? answer["error"] : undefined;
  const hasResult = isObject(answer) && answer["result"] !== undefined;
  if (hasResult && !error) return null;
  const said = error ?? answer;
  return new NodeError({ ...NOTHING, code: readCode(said), words: wordsOf(said, hide) });
}

/** @throws {NodeError} with what a text says that is not JSON. */
export function parseAnswer(text: string, hide: Hide): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NodeError({ ...NOTHING, words: wordsOfText(text, hide) });
  }
}

/** What came with a status that brings no result says: an error of JSON-RPC, other JSON, or a page. */
export function errorOfStatus(
  status: number,
  text: string,
  retryAfter: string | null,
  hide: Hide,
): NodeError {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return new NodeError({ code: null, status, words: wordsOfText(text, hide), retryAfter });
  }
  const first: unknown = Array.isArray(said) ? said[0] : said;
  const error = (isObject(first) ? first["error"] : undefined) ?? first;
  return new NodeError({ code: readCode(error), status, words: wordsOf(error, hide), retryAfter });
}

/** Throws what is not a result as a `NodeError`. */
export const withNodeErrors = (transport: RpcTransport, hide: Hide): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const answer = await transport<Response>(config);
    const error = errorIn(answer, hide);
    if (error !== null) throw error;
    return answer;
  };
