import { z } from "zod";

/** Every code that an error answer may carry, and its HTTP status. */
export const ERROR_STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  unknown_server: 404,
  method_not_allowed: 405,
  timeout: 408,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  broker_unavailable: 503,
  not_answered: 504,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of every answer that is not a success. */
export const errorBody = z
  .object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().describe("What happened, why, and what to do; names the fields that are wrong"),
  })
  .describe("Something was wrong");

export type ErrorBody = z.infer<typeof errorBody>;

/** An answer to a client that is not a success, thrown from wherever it is known. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.headers = headers;
  }
}
