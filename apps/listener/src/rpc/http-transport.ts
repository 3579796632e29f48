import type { RpcTransport } from "@solana/kit";
import { createHttpTransport } from "@solana/rpc-transport-http";

/** `fetch` refuses a URL with credentials; they travel as a header instead. */
export function splitCredentials(url: string): {
  readonly url: string;
  readonly headers?: { readonly authorization: string };
} {
  const parsed = new URL(url);
  if (parsed.username === "" && parsed.password === "") return { url };
  const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = "";
  parsed.password = "";
  return {
    url: parsed.href,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
  };
}

/**
 * Kit's HTTP transport with plain JSON: its default for Solana scans every response character by character to keep
 * integers beyond 2^53, ten times the cost of parsing a transaction. No field that the listener reads is as large;
 * token amounts are strings.
 */
export const createPlainHttpTransport = (url: string): RpcTransport =>
  createHttpTransport({
    ...splitCredentials(url),
    fromJson: (text) => JSON.parse(text) as never,
    toJson: (payload) =>
      JSON.stringify(payload, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
  });
