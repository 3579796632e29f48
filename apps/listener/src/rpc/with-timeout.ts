import { withDeadline } from "@commcoin/service/lifecycle";
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
    return withDeadline(
      timeoutMs,
      signal,
      (inTime) => transport<Response>({ payload, signal: inTime }),
      () => new RequestTimeout(timeoutMs),
    );
  };
