import {
  isJsonRpcPayload,
  isSolanaError,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  type RpcTransport,
} from "@solana/kit";
import { attempt, conclude, type Outcome } from "./outcome.ts";
import { RequestTimeout } from "./with-timeout.ts";

/** How a request went; a metric label. */
export type RequestOutcome =
  | "ok"
  | "rate_limited"
  | "timeout"
  | "unhealthy"
  | "behind"
  | "block_unavailable"
  | "unknown_cursor"
  | "http_error"
  | "rpc_error"
  | "failed";

/** Answers of nodes in trouble, each with a name of its own. */
const OUTCOME_OF_CODE: ReadonlyMap<number, RequestOutcome> = new Map([
  [429, "rate_limited"],
  [-32_004, "block_unavailable"],
  [-32_005, "unhealthy"],
  [-32_014, "block_unavailable"],
  [-32_016, "behind"],
  [-32_020, "unknown_cursor"],
]);

function classify(outcome: Outcome): RequestOutcome {
  if (!("failure" in outcome)) return "ok";
  const { failure } = outcome;
  if (failure.kind === "answer") return OUTCOME_OF_CODE.get(failure.code) ?? "rpc_error";
  if (failure.error instanceof RequestTimeout) return "timeout";
  if (!isSolanaError(failure.error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return "failed";
  return failure.error.context.statusCode === 429 ? "rate_limited" : "http_error";
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
