import type { Clock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { createSecretKey } from "node:crypto";
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type CryptoKey,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import type { TokenRules } from "./identity-variables.ts";
import { readIdentity, type Identity } from "./identity.ts";
import { createKeySet, KeysUnavailableError, type KeySet } from "./key-set.ts";

/** Clocks of two machines that are both synchronised are not further apart. */
const CLOCK_TOLERANCE_S = 5;
/** As the protocol allows in an `auth` frame. */
const TOKEN_MAX_LENGTH = 16_384;

/**
 * Why a token was not accepted. `invalid`: it never will be; `expired`: another one is needed; `unavailable`: nobody knows
 * at the moment. The reason never quotes the token.
 */
export interface TokenFailure {
  readonly kind: "invalid" | "expired" | "unavailable";
  readonly reason: string;
}

export type Verdict = { readonly identity: Identity } | { readonly failure: TokenFailure };

/** Finds out who a token belongs to. */
export interface TokenVerifier {
  /**
   * Everything but the signature, at once. An identity from here is only what the client claims: `verify` has to confirm it.
   */
  inspect(token: string): Verdict;
  /** Never rejects. */
  verify(token: string): Promise<Verdict>;
  start(): Promise<void>;
  /** To be called about once a second. */
  refreshKeys(): void;
  /** What keeps it from verifying, or null. */
  problem(): string | null;
}

const NO_JWT = "the token is not a JWT";

const failed = (kind: TokenFailure["kind"], reason: string): Verdict => ({ failure: { kind, reason } });
const expired = failed("expired", "the token has expired");

export function createTokenVerifier({
  rules,
  clock,
  log,
  signal,
}: {
  readonly rules: TokenRules;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends fetches that are on their way. */
  readonly signal: AbortSignal;
}): TokenVerifier {
  const { key, issuer, audience, userClaim } = rules;
  const algorithms: readonly string[] = rules.algorithms;
  const keySet: KeySet | null =
    key.kind === "key set" ? createKeySet({ url: key.url, now: () => clock.monotonic(), log, signal }) : null;
  const fixedKey =
    key.kind === "secret" ? createSecretKey(key.secret) : key.kind === "public key" ? key.publicKey : null;
  const findKey: JWTVerifyGetKey = (header, token) => {
    if (keySet !== null) return keySet.find(header, token);
    if (fixedKey === null) throw new KeysUnavailableError();
    return fixedKey;
  };
  const options = (): JWTVerifyOptions => ({
    algorithms: [...algorithms],
    currentDate: new Date(clock.now()),
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  });
  const verifyWith = async (token: string, find: JWTVerifyGetKey): Promise<JWTPayload> =>
    (await jwtVerify(token, find, options())).payload;

  /** A token that names no key is tried with each that fits. */
  const verifyWithAny = async (token: string, candidates: AsyncIterable<CryptoKey>): Promise<JWTPayload> => {
    for await (const candidate of candidates) {
      try {
        return await verifyWith(token, () => candidate);
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  };
  const verifySignature = async (token: string): Promise<JWTPayload> => {
    try {
      return await verifyWith(token, findKey);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return verifyWithAny(token, error);
    }
  };

  /** As the library does after the signature. */
  const checkClaims = ({ exp, nbf, iss, aud }: JWTPayload): Verdict | null => {
    const nowS = clock.now() / 1_000;
    if (typeof exp === "number" && exp <= nowS - CLOCK_TOLERANCE_S) return expired;
    if (nbf !== undefined && !(nbf <= nowS + CLOCK_TOLERANCE_S))
      return failed("invalid", "the token is not valid yet (nbf)");
    if (issuer !== null && iss !== issuer) return failed("invalid", "the token has another issuer (iss)");
    if (audience !== null && !(Array.isArray(aud) ? aud.includes(audience) : aud === audience)) {
      return failed("invalid", "the token is for another audience (aud)");
    }
    return null;
  };
  const identify = (claims: JWTPayload): Verdict => {
    const identity = readIdentity(claims, userClaim);
    return typeof identity === "string" ? failed("invalid", identity) : { identity };
  };

  return {
    inspect(token) {
      if (token.length > TOKEN_MAX_LENGTH) return failed("invalid", "the token is too long");
      let algorithm: string | undefined;
      let claims: JWTPayload;
      try {
        algorithm = decodeProtectedHeader(token).alg;
        claims = decodeJwt(token);
      } catch {
        return failed("invalid", token.startsWith("Bearer ") ? "Bearer stands before the token" : NO_JWT);
      }
      if (algorithm === undefined || !algorithms.includes(algorithm)) {
        return failed("invalid", "the token's algorithm is not allowed");
      }
      return checkClaims(claims) ?? identify(claims);
    },
    async verify(token) {
      if (token.length > TOKEN_MAX_LENGTH) return failed("invalid", "the token is too long");
      try {
        return identify(await verifySignature(token));
      } catch (error) {
        return explain(error, log);
      }
    },
    start: async () => keySet?.start(),
    refreshKeys: () => keySet?.refreshKeys(),
    problem: () => keySet?.problem() ?? null,
  };
}

/** The library's errors may carry the claims: only what kind they are is passed on. */
function explain(error: unknown, log: Logger): Verdict {
  if (error instanceof KeysUnavailableError) return failed("unavailable", "tokens cannot be verified now");
  if (error instanceof errors.JWTExpired) return expired;
  if (error instanceof errors.JWTClaimValidationFailed) {
    return failed("invalid", `the token's claim ${error.claim.slice(0, 20)} does not fit`);
  }
  if (error instanceof errors.JWKSNoMatchingKey) return failed("invalid", "no key belongs to the token");
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return failed("invalid", "the signature is wrong");
  if (error instanceof errors.JOSEAlgNotAllowed)
    return failed("invalid", "the token's algorithm is not allowed");
  if (error instanceof errors.JOSEError) return failed("invalid", NO_JWT);
  // For example a key that the runtime cannot use, whose details are nobody's business.
  log.warn({ error: error instanceof Error ? error.name : typeof error }, "a token could not be verified");
  return failed("invalid", "the token cannot be verified with the key");
}
