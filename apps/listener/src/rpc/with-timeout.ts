import type { RpcTransport } from "@solana/kit";

/** A node did not answer in time. */
export class RequestTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`The node did not answer within ${timeoutMs} ms.`);
    this.name = "RequestTimeout";
  }
}

/** Gives up a request that takes too long. */
export const withTimeout = (transport: RpcTransport, timeoutMs: number): RpcTransport =>
  async function <Response>({ payload, signal }: Parameters<RpcTransport>[0]) {
    signal?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const timer = setTimeout(() => controller.abort(new RequestTimeout(timeoutMs)), timeoutMs);
    try {
      return await transport<Response>({ payload, signal: controller.signal });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
