import {
  isJsonRpcPayload,
  isSolanaError,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  type RpcTransport,
} from "@solana/kit";
import { attempt, conclude, type Outcome } from "./outcome.ts";

/** How a request went; a metric label. */
export type RequestOutcome = "ok" | "rate_limited" | "http_error" | "rpc_error" | "failed";

function classify(outcome: Outcome): RequestOutcome {
  if (!("failure" in outcome)) return "ok";
  if (outcome.failure.kind === "answer") return outcome.failure.code === 429 ? "rate_limited" : "rpc_error";
  if (!isSolanaError(outcome.failure.error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return "failed";
  return outcome.failure.error.context.statusCode === 429 ? "rate_limited" : "http_error";
}

/** Reports how each request went; those that were given up on purpose are left out. */
export const withMetrics = (
  transport: RpcTransport,
  report: (method: string, outcome: RequestOutcome) => void,
): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const outcome = await attempt(transport, config);
    const method = isJsonRpcPayload(config.payload) ? config.payload.method : "other";
    if (config.signal?.aborted !== true) report(method, classify(outcome));
    return conclude<Response>(outcome);
  };
