import { REFUSALS, type RefusalCode } from "@commcoin/protocol";
import type { HttpAnswer } from "../transport/socket.ts";

/** Why a client is not let in, as an HTTP answer. */
export function refusal(code: RefusalCode, message: string, retryAfterSeconds?: number): HttpAnswer {
  return {
    status: REFUSALS[code],
    contentType: "application/json; charset=utf-8",
    body: JSON.stringify({ code, message }),
    ...(retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(retryAfterSeconds) } }),
  };
}
