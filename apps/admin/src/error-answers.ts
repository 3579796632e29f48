import { BrokerUnavailableError } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { ApiError, ERROR_STATUS, type ErrorCode } from "./api-error.ts";
import { validationMessage } from "./validation-message.ts";

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: "not_found",
  408: "timeout",
};

const BROKER_RETRY_SECONDS = 1;

/** Turns whatever was thrown into an answer. Nothing of an unexpected error reaches the client. */
function toApiError(error: Partial<FastifyError> & Error, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof BrokerUnavailableError) {
    return new ApiError("broker_unavailable", error.message, { "retry-after": String(BROKER_RETRY_SECONDS) });
  }
  if (error.validation !== undefined) {
    return new ApiError(
      "bad_request",
      validationMessage(error.validation, error.validationContext ?? "request"),
    );
  }
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const limit = request.routeOptions.bodyLimit;
    return new ApiError("payload_too_large", `The body is too large: ${limit} bytes may come.`);
  }
  if (status === 415) {
    return new ApiError(
      "unsupported_media_type",
      "The body must be JSON, with the header 'content-type: application/json'.",
    );
  }
  if (status >= 400 && status < 500)
    return new ApiError(CODE_OF_STATUS[status] ?? "bad_request", error.message);
  return new ApiError("internal", "Something went wrong on the server; its log says what.");
}

export interface ErrorAnswers {
  readonly onError: (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => void;
  /** To be thrown for a request that no route is for. */
  readonly notFound: (request: FastifyRequest, allowed: readonly string[]) => ApiError;
}

export function createErrorAnswers(logger: Logger): ErrorAnswers {
  const answer = (reply: FastifyReply, { code, message, headers }: ApiError): void => {
    void reply.code(ERROR_STATUS[code]).headers(headers).send({ code, message });
  };
  return {
    onError(error, request, reply) {
      const apiError = toApiError(error, request);
      if (ERROR_STATUS[apiError.code] >= 500) {
        logger.error(
          { err: error, method: request.method, route: request.routeOptions.url },
          "request failed",
        );
      }
      answer(reply, apiError);
    },
    notFound({ method }, allowed) {
      if (allowed.length === 0 || allowed.includes(method))
        return new ApiError("not_found", "There is no such path; /docs lists what there is.");
      const allow = allowed.join(", ");
      return new ApiError("method_not_allowed", `There is no ${method} here, but ${allow}.`, { allow });
    },
  };
}
