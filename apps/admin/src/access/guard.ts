import { systemClock, type Clock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import { bearerToken, createTokenCheck } from "./bearer-token.ts";
import { createFailedAttempts } from "./failed-attempts.ts";
import { isLocalRequest } from "./loopback.ts";

/** Hooks that let a request pass or throw an `ApiError`; they run before the body is read. */
export interface Guard {
  /** Open to this machine, to others with the token. */
  readonly read: (request: FastifyRequest) => Promise<void>;
  /** Always needs the token. */
  readonly write: (request: FastifyRequest) => Promise<void>;
}

interface GuardOptions {
  readonly token: string | undefined;
  readonly logger: Logger;
  readonly clock?: Clock;
}

export function createGuard({ token, logger, clock = systemClock }: GuardOptions): Guard {
  const isToken = token === undefined ? null : createTokenCheck(token);
  const attempts = createFailedAttempts(clock);

  const demandToken = (request: FastifyRequest, what: string): void => {
    if (isToken === null) {
      throw new ApiError(
        "forbidden",
        `${what} needs a token, and this server has none: set ADMIN_TOKEN and restart it.`,
      );
    }
    // The address of the socket: what a header claims would let a guesser choose a new one for each attempt.
    const address = request.socket.remoteAddress ?? "unknown";
    const blockedMs = attempts.blockedMs(address);
    if (blockedMs > 0) {
      const seconds = Math.ceil(blockedMs / 1_000);
      throw new ApiError(
        "rate_limited",
        `Too many wrong tokens from your address; try again in ${seconds} s.`,
        {
          "retry-after": String(seconds),
        },
      );
    }
    const given = bearerToken(request.headers.authorization);
    if (given !== null && isToken(given)) return;
    if (given !== null) {
      attempts.record(address);
      logger.warn({ address, route: request.routeOptions.url }, "refused a request with a wrong token");
    }
    const reason = given === null ? "and none was sent" : "and the one that was sent is wrong";
    throw new ApiError("unauthorized", `${what} needs 'Authorization: Bearer <ADMIN_TOKEN>', ${reason}.`, {
      "www-authenticate": "Bearer",
    });
  };

  return {
    async read(request) {
      if (isLocalRequest(request.socket.remoteAddress, request.headers)) return;
      demandToken(request, "Reading from another machine");
    },
    async write(request) {
      demandToken(request, "Writing");
    },
  };
}
