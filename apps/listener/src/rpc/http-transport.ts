import type { RpcTransport } from "@solana/kit";
import { createHttpClient } from "./http-client.ts";
import { hideSecretsOf } from "./public-url.ts";
import { parseAnswer } from "./read-answer.ts";

/**
 * JSON over HTTP, as kit's transport does it, at a fraction of its cost: kit's goes through `fetch`, whose streams cost
 * more than parsing a transaction, and its default for Solana scans every response character by character to keep integers
 * beyond 2^53. No field that the listener reads is as large; token amounts are strings.
 * @param maxBytes of an answer; enough for anything but whole blocks by default.
 */
export function createHttpTransport(address: string, maxBytes?: number): RpcTransport {
  const client = createHttpClient(address, maxBytes);
  const hide = hideSecretsOf(address);
  return async <Response>({ payload, signal }: Parameters<RpcTransport>[0]) =>
    parseAnswer(await client.post(JSON.stringify(payload), signal), hide) as Response;
}
