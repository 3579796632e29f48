import type { Logger } from "@commcoin/service/telemetry";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "../api-error.ts";
import { bearerToken, createTokenCheck } from "./bearer-token.ts";
import { isLocalRequest } from "./local-request.ts";

/** A person who pastes the wrong token a few times is told so; a program that guesses is told to wait. */
const MAX_GUESSES = 10;
const GUESSES_WINDOW_MS = 60_000;

/** Hooks that let a request pass or throw an `ApiError`; they run before the body is read. */
export interface Guard {
  /** Whether reads are open to whoever sends this request. */
  readonly isOpen: (request: FastifyRequest) => boolean;
  /** Needs the token, unless reads are open to this machine and the request is this machine's own. */
  readonly read: (request: FastifyRequest) => Promise<void>;
  /** Always needs the token; what is done with it is told in the log. */
  readonly write: (request: FastifyRequest) => Promise<void>;
}

/** What a token is needed for, as it is told to whoever has none. */
export const WRITING = "Writing";
export const READING = {
  always: "Reading",
  "from elsewhere": "Reading, other than on this machine and from it,",
} as const;

const REASONS = {
  none: "and none was sent",
  malformed: "and the header that was sent has another form",
  wrong: "and the one that was sent is wrong",
} as const;

/** Why a request is refused: no token came with it, or one that is none or wrong, or the server has none. */
export function tokenSentence(what: string, token: keyof typeof REASONS | "nowhere"): string {
  if (token === "nowhere") {
    return `${what} needs a token, and this server has none: set ADMIN_TOKEN and restart it.`;
  }
  return `${what} needs 'Authorization: Bearer <ADMIN_TOKEN>', ${REASONS[token]}.`;
}

interface GuardOptions {
  readonly token: string | undefined;
  readonly readsNeedToken: boolean;
  readonly logger: Logger;
  /** Makes counters of requests by address, a network of IPv6 being one: those of `@fastify/rate-limit`. */
  readonly createRateLimit: FastifyInstance["createRateLimit"];
}

export function createGuard({ token, readsNeedToken, logger, createRateLimit }: GuardOptions): Guard {
  const isToken = token === undefined ? null : createTokenCheck(token);
  const countGuess = createRateLimit({ max: MAX_GUESSES, timeWindow: GUESSES_WINDOW_MS });

  /** By the address of the socket: one that a header claims could be another one for each guess. */
  const limitGuesses = async (request: FastifyRequest): Promise<void> => {
    const address = request.socket.remoteAddress;
    // Nobody is there any more to get an answer.
    if (address === undefined) return;
    const guesses = await countGuess(request);
    if (guesses.isAllowed) return;
    if (guesses.isExceeded) {
      const seconds = guesses.ttlInSeconds;
      throw new ApiError(
        "rate_limited",
        `Too many wrong tokens from your address; try again in ${seconds} s, or at once with the right one.`,
        { "retry-after": String(seconds) },
      );
    }
    logger.warn({ address, route: request.routeOptions.url }, "refused a request with a wrong token");
  };

  const demandToken = async (request: FastifyRequest, what: string): Promise<void> => {
    if (isToken === null) throw new ApiError("forbidden", tokenSentence(what, "nowhere"));
    const given = bearerToken(request.headers.authorization);
    // First of all: whoever else guesses from this address, the right token passes.
    if (given !== null && isToken(given)) return;
    if (given !== null) await limitGuesses(request);
    const { authorization } = request.headers;
    const sent = given !== null ? "wrong" : authorization === undefined ? "none" : "malformed";
    throw new ApiError("unauthorized", tokenSentence(what, sent), {
      "www-authenticate": "Bearer",
    });
  };
  const isOpen = ({ socket, raw }: FastifyRequest): boolean =>
    !readsNeedToken && isLocalRequest({ address: socket.remoteAddress, rawHeaders: raw.rawHeaders });

  return {
    isOpen,
    async read(request) {
      if (isOpen(request)) return;
      await demandToken(request, READING[readsNeedToken ? "always" : "from elsewhere"]);
    },
    async write(request) {
      await demandToken(request, WRITING);
      request.audit = { address: request.socket.remoteAddress };
    },
  };
}
