import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { errorText } from "../error-text.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";

const BACKOFF = { minMs: 200, maxMs: 10_000 };

/** Asks for the newest confirmed slot until a node tells it; 0 when the signal aborts first. */
export async function firstSlot(rpc: NodeRpc, log: Logger, signal: AbortSignal): Promise<number> {
  const backoff = createBackoff(BACKOFF);
  while (!signal.aborted) {
    try {
      return await rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: signal });
    } catch (error) {
      if (signal.aborted) break;
      const delayMs = Math.round(backoff.next());
      log.warn({ retry_in_ms: delayMs, error: errorText(error) }, "cannot reach the node over HTTP");
      await sleep(delayMs, signal);
    }
  }
  return 0;
}
