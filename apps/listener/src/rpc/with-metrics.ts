import { isJsonRpcPayload, type RpcTransport } from "@solana/kit";
import { AnswerTooLong } from "./body.ts";
import { NodeError } from "./node-error.ts";
import { isRateLimit } from "./transient.ts";
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
  | "malformed"
  | "failed";

/** @param error what the request failed with; null where it went well. */
export type ReportRequest = (method: string, outcome: RequestOutcome, error: unknown) => void;

/** Answers of nodes in trouble, each with a name of its own. */
const OUTCOME_OF_CODE: ReadonlyMap<number, RequestOutcome> = new Map([
  [-32_004, "block_unavailable"],
  [-32_005, "unhealthy"],
  [-32_014, "block_unavailable"],
  [-32_016, "behind"],
  [-32_020, "unknown_cursor"],
]);

function classify(error: unknown): RequestOutcome {
  if (error instanceof RequestTimeout) return "timeout";
  if (isRateLimit(error)) return "rate_limited";
  if (error instanceof AnswerTooLong) return "malformed";
  if (!(error instanceof NodeError)) return "failed";
  const { code, status } = error.refusal;
  if (status !== null) return "http_error";
  return code === null ? "malformed" : (OUTCOME_OF_CODE.get(code) ?? "rpc_error");
}

/** Reports how each request went; those that were given up on purpose are left out. */
export const withMetrics = (transport: RpcTransport, report: ReportRequest): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const method = isJsonRpcPayload(config.payload) ? config.payload.method : "other";
    try {
      const response = await transport<Response>(config);
      if (config.signal?.aborted !== true) report(method, "ok", null);
      return response;
    } catch (error) {
      if (config.signal?.aborted !== true) report(method, classify(error), error);
      throw error;
    }
  };
