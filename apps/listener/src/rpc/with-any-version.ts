import type { RpcTransport } from "@solana/kit";
import { MAX_TRANSACTION_VERSION } from "./node-rpc.ts";

/** Transaction version not supported by the requesting client. */
const UNSUPPORTED_VERSION = -32_015;
/** The highest there can be: a version is seven bits. */
const HIGHEST_VERSION = 127;
/** The version that a node asks the client to name. */
const NEEDED = /"maxSupportedTransactionVersion": (\d{1,3})$/;

type Config = Parameters<RpcTransport>[0];

/** The version that a node would have the client name; null when it did not refuse for that. */
function neededVersion(response: unknown): number | null {
  const { error } = (response ?? {}) as { readonly error?: { code?: unknown; message?: unknown } | null };
  if (error?.code !== UNSUPPORTED_VERSION) return null;
  const named = typeof error.message === "string" ? NEEDED.exec(error.message)?.[1] : undefined;
  return Math.min(named === undefined ? HIGHEST_VERSION : Number(named), HIGHEST_VERSION);
}

/** The same request with another `maxSupportedTransactionVersion`; null when it names none. */
function named(payload: unknown, version: number): unknown {
  const { params } = payload as { readonly params?: unknown };
  if (!Array.isArray(params)) return null;
  const options: unknown = params.at(-1);
  if (typeof options !== "object" || options === null || !("maxSupportedTransactionVersion" in options)) {
    return null;
  }
  const raised = { ...options, maxSupportedTransactionVersion: version };
  return { ...(payload as object), params: [...(params as unknown[]).slice(0, -1), raised] };
}

/**
 * A node refuses a transaction of a version above the one that the client named, and a whole block for the sake of one.
 * It is asked again by the version that it needs: what can be read of the block is read, and what cannot is set aside
 * where it is decoded. Otherwise the first transaction of a new version would be the last that is seen.
 */
export const withAnyVersion = (transport: RpcTransport): RpcTransport =>
  async function <Response>({ payload, signal }: Config) {
    const send = (body: unknown): Promise<Response> =>
      transport<Response>(signal === undefined ? { payload: body } : { payload: body, signal });
    let response = await send(payload);
    for (let version = MAX_TRANSACTION_VERSION; version < HIGHEST_VERSION;) {
      const needed = neededVersion(response);
      if (needed === null) break;
      // Of several versions in a block, a node tells the first: the second time, all of them are meant.
      version = version === MAX_TRANSACTION_VERSION && needed > version ? needed : HIGHEST_VERSION;
      const body = named(payload, version);
      if (body === null) break;
      response = await send(body);
    }
    return response;
  };
