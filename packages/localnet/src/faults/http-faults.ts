import type { FaultSwitches } from "./switches.ts";

/** What a request is answered with instead; `silence` never answers. */
export type Interception =
  | { readonly type: "silence" }
  | {
      readonly type: "answer";
      readonly status: number;
      readonly contentType: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

/** Body with which rpcpool, among others, answers 429. */
const RATE_LIMIT_JSON = JSON.stringify({
  jsonrpc: "2.0",
  error: { code: 429, message: "Connection rate limits exceeded, contact your app developer." },
});
const RATE_LIMIT_TEXT = "Too Many Requests\n";

/** Methods of a request or a batch; none when it is no JSON-RPC. */
const methodsOf = (body: string): string[] => {
  try {
    const parsed = JSON.parse(body) as unknown;
    return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((call: unknown) => {
      const { method } = (call ?? {}) as { method?: unknown };
      return typeof method === "string" ? [method] : [];
    });
  } catch {
    return [];
  }
};

/** Decides for a request's body whether a fault takes the place of its answer. */
export const createInterceptor =
  (faults: FaultSwitches) =>
  (body: string): Interception | null => {
    if (!faults.setting("noAnswer") && !faults.setting("rateLimit")) return null;
    for (const method of methodsOf(body)) {
      if (faults.strike("noAnswer", method)) return { type: "silence" };
      const limit = faults.strike("rateLimit", method);
      if (!limit) continue;
      const { retryAfterSeconds, body = "json" } = limit;
      return {
        type: "answer",
        status: 429,
        contentType: body === "json" ? "application/json; charset=utf-8" : "text/plain",
        headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
        body: body === "json" ? RATE_LIMIT_JSON : RATE_LIMIT_TEXT,
      };
    }
    return null;
  };
