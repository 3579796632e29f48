import type { RpcTransport } from "@solana/kit";

/** A request that did not bring a result: no usable response, or a response that is a JSON-RPC error. */
export type Failure =
  | { readonly kind: "thrown"; readonly error: unknown }
  | { readonly kind: "answer"; readonly code: number; readonly response: unknown };

export type Outcome = { readonly response: unknown } | { readonly failure: Failure };

const errorCode = (response: unknown): number | null => {
  if (typeof response !== "object" || response === null) return null;
  const { error } = response as { error?: { code?: unknown } | null };
  return typeof error?.code === "number" ? error.code : null;
};

/** Sends a request and tells how it went, without throwing. */
export async function attempt(
  transport: RpcTransport,
  config: Parameters<RpcTransport>[0],
): Promise<Outcome> {
  try {
    const response = await transport(config);
    const code = errorCode(response);
    return code === null ? { response } : { failure: { kind: "answer", code, response } };
  } catch (error) {
    return { failure: { kind: "thrown", error } };
  }
}

/** Hands an outcome on the way a transport does: an error in the body is returned, anything else is thrown. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as kit's transports have it
export function conclude<Response>(outcome: Outcome): Response {
  if ("response" in outcome) return outcome.response as Response;
  if (outcome.failure.kind === "answer") return outcome.failure.response as Response;
  throw outcome.failure.error;
}
