import { invalidRequest, parseError, RpcError } from "./rpc/errors.ts";
import { toJson } from "./rpc/json.ts";

/** Calls one method. May throw an `RpcError`; anything else it throws is answered as an internal error. */
export type Dispatch = (method: string, params: readonly unknown[]) => unknown;

type Id = string | number | null;

/** Calls in one batch; nodes set no limit of their own, the body limit bounds it there. */
const MAX_BATCH = 1_000;

const answer = (id: Id, outcome: { result: unknown } | { error: RpcError }): string =>
  toJson({ jsonrpc: "2.0", ...outcome, id });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is Id =>
  value === null || typeof value === "string" || typeof value === "number";

/** The answer to one call; null for a notification (a call without `id`), which is not answered. */
const handleCall = (call: unknown, dispatch: Dispatch): string | null => {
  if (!isRecord(call)) return answer(null, { error: invalidRequest() });
  const { id, method, params = [] } = call;
  if (id === undefined && typeof method === "string") return null;
  const wellFormed = isId(id) && call["jsonrpc"] === "2.0" && typeof method === "string";
  if (!wellFormed || !(Array.isArray(params) || isRecord(params))) {
    return answer(isId(id) ? id : null, { error: invalidRequest() });
  }
  try {
    return answer(id, { result: dispatch(method, Array.isArray(params) ? params : [params]) });
  } catch (error) {
    if (error instanceof RpcError) return answer(id, { error });
    return answer(id, { error: new RpcError(-32603, `Internal error: ${String(error)}`) });
  }
};

/** Answers a request or a batch of them; null when nothing is to be answered. */
export const handleJsonRpc = (text: string, dispatch: Dispatch): string | null => {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return answer(null, { error: parseError() });
  }
  if (!Array.isArray(request)) return handleCall(request, dispatch);
  if (request.length === 0 || request.length > MAX_BATCH) return answer(null, { error: invalidRequest() });
  const answers = request.map((call) => handleCall(call, dispatch)).filter((text) => text !== null);
  return answers.length === 0 ? null : `[${answers.join(",")}]`;
};
