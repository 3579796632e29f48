import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, SignJWT, errors } from "jose";
import { error, ok, skipped, wordsOf, type Check } from "./check.ts";
import type { Variables } from "./variables.ts";

const ID = "configuration.token-key";
const USER = "commcoin-doctor";
const LIFETIME_S = 120;
const KEYS_MS = 4_000;
const TOLERANCE_S = 5;

/** What the doctor shows to gateways. */
export interface DoctorToken {
  readonly token: string | null;
  /** Why there is none, where one is wanted. */
  readonly reason: string | null;
  readonly checks: readonly Check[];
}

async function sign(secret: string, variables: Variables): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const jwt = new SignJWT({ [variables.AUTH_JWT_USER_CLAIM ?? "sub"]: USER })
    .setProtectedHeader({ alg: variables.AUTH_JWT_ALGORITHMS?.[0] ?? "HS256", typ: "JWT" })
    .setExpirationTime(now + LIFETIME_S);
  if (variables.AUTH_JWT_ISSUER !== undefined) jwt.setIssuer(variables.AUTH_JWT_ISSUER);
  if (variables.AUTH_JWT_AUDIENCE !== undefined) jwt.setAudience(variables.AUTH_JWT_AUDIENCE);
  return jwt.sign(new TextEncoder().encode(secret));
}

/** The names of the variables that a token is verified with, and a function that does. */
function verifierOf(variables: Variables) {
  const { AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL } = variables;
  const options = {
    clockTolerance: TOLERANCE_S,
    ...(variables.AUTH_JWT_ISSUER === undefined ? {} : { issuer: variables.AUTH_JWT_ISSUER }),
    ...(variables.AUTH_JWT_AUDIENCE === undefined ? {} : { audience: variables.AUTH_JWT_AUDIENCE }),
  };
  if (AUTH_JWT_SECRET !== undefined)
    return {
      name: "AUTH_JWT_SECRET",
      verify: (token: string) => jwtVerify(token, new TextEncoder().encode(AUTH_JWT_SECRET), options),
    };
  if (AUTH_JWT_PUBLIC_KEY !== undefined)
    return {
      name: "AUTH_JWT_PUBLIC_KEY",
      verify: (token: string) => jwtVerify(token, AUTH_JWT_PUBLIC_KEY, options),
    };
  if (AUTH_JWKS_URL === undefined) return null;
  const keys = createRemoteJWKSet(new URL(AUTH_JWKS_URL), { timeoutDuration: KEYS_MS });
  return { name: "AUTH_JWKS_URL", keys, verify: (token: string) => jwtVerify(token, keys, options) };
}

function refusal(name: string, token: string, reason: unknown): Check {
  const isKey =
    reason instanceof errors.JWSSignatureVerificationFailed || reason instanceof errors.JWKSNoMatchingKey;
  let algorithm = "";
  try {
    algorithm = ` (it names ${decodeProtectedHeader(token).alg})`;
  } catch {
    // That it is no token at all is what the reason says.
  }
  return error(ID, {
    subject: name,
    says: `it does not verify the given token: ${wordsOf(reason)}${algorithm}`,
    means: "gateways with this key let nobody in who has such a token (3500, or 3005 where it has expired).",
    remedy: isKey
      ? `set ${name} to the key that belongs to whoever signs the tokens; after a change of keys, restart the gateways.`
      : "have a fresh token signed, with what AUTH_JWT_ISSUER, AUTH_JWT_AUDIENCE and docs/protocol.md, Tokens, ask for.",
  });
}

/** Gets a token that gateways with this environment believe, and judges the key by the one that was given. */
export async function prepareToken(variables: Variables, given: string | undefined): Promise<DoctorToken> {
  // Without jwt no service reads a key, and one that is set nevertheless is told by the check of the variables.
  const verifier = variables.AUTH_MODE === "jwt" ? verifierOf(variables) : null;
  if (verifier === null) return { token: given ?? null, reason: null, checks: [] };
  const fetched = await ("keys" in verifier ? checkKeys(variables.AUTH_JWKS_URL ?? "") : null);
  if (fetched !== null && fetched.status === "error")
    return { token: given ?? null, reason: "the keys cannot be fetched", checks: [fetched] };
  const before = fetched === null ? [] : [fetched];
  if (given !== undefined) {
    const verdict = await verifier.verify(given).then(
      () => ok(ID, `${verifier.name} verifies the given token`),
      (reason: unknown) => refusal(verifier.name, given, reason),
    );
    return { token: given, reason: null, checks: [...before, verdict] };
  }
  if (variables.AUTH_JWT_SECRET !== undefined)
    return { token: await sign(variables.AUTH_JWT_SECRET, variables), reason: null, checks: [] };
  const reason = `there is none here: ${verifier.name} cannot sign one; give one with --access-token`;
  return { token: null, reason, checks: [...before, skipped(ID, reason, verifier.name)] };
}

/** Whether the published keys can be had. */
async function checkKeys(url: string): Promise<Check> {
  const fail = (says: string): Check =>
    error(ID, {
      subject: "AUTH_JWKS_URL",
      says,
      means:
        "a gateway that is started cannot verify tokens, and lets nobody in; one that runs keeps the last keys.",
      remedy: "correct AUTH_JWKS_URL, or ask the identity provider; the keys are at its `jwks_uri`.",
    });
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(KEYS_MS) });
    if (response.status !== 200) return fail(`the keys cannot be fetched: HTTP ${response.status}`);
    const { keys } = (await response.json()) as { readonly keys?: readonly unknown[] };
    if (!Array.isArray(keys) || keys.length === 0) return fail("there are no keys");
    return ok(ID, `${keys.length} published ${keys.length === 1 ? "key" : "keys"}`, "AUTH_JWKS_URL");
  } catch (reason) {
    return fail(`the keys cannot be fetched: ${wordsOf(reason)}`);
  }
}
