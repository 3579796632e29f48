import type { RpcTransport } from "@solana/kit";

/** Gives up a request that takes too long. */
export const withTimeout = (transport: RpcTransport, timeoutMs: number): RpcTransport =>
  async function <Response>({ payload, signal }: Parameters<RpcTransport>[0]) {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const timer = setTimeout(() => {
      controller.abort(new Error(`The node did not answer within ${timeoutMs} ms.`));
    }, timeoutMs);
    try {
      return await transport<Response>({ payload, signal: controller.signal });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
