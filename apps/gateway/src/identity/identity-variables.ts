import { list, optional, wordOf } from "@commcoin/service/config";
import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { SUBJECT_CLAIM } from "./identity.ts";
import { algorithmsFor, TOKEN_ALGORITHMS, type KeyKind, type TokenAlgorithm } from "./algorithms.ts";

/** As many bits as the shortest hash has (RFC 7518, section 3.2): a shorter secret can be guessed from one token. */
const SECRET_MIN_BYTES = 32;
/** As NIST SP 800-131A demands, and as the library does. */
const RSA_MIN_BITS = 2_048;

/** A text that is meant for another variable would be a secret that others know: keys that verify are public. */
function misplacedKey(secret: string): string | null {
  const text = secret.trim();
  const decoded = text.startsWith("LS0t") ? Buffer.from(text, "base64").toString("latin1") : text;
  if (/-{4,5} ?BEGIN [A-Z0-9 ]+-{4,5}/.test(decoded)) {
    return decoded.includes("PRIVATE KEY")
      ? "is a private key in PEM; give AUTH_JWT_PUBLIC_KEY the public key that belongs to it"
      : "is a key or a certificate in PEM; it belongs into AUTH_JWT_PUBLIC_KEY";
  }
  if (/^(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-\S+) /.test(text)) {
    return "is a key of SSH; AUTH_JWT_PUBLIC_KEY wants the public key in PEM";
  }
  if (/^\{[^]*"(?:kty|keys)"\s*:/.test(text)) {
    return "is a JSON Web Key; name the address where keys are published in AUTH_JWKS_URL";
  }
  return /^https?:\/\//i.test(text)
    ? "is an address; where keys are published belongs into AUTH_JWKS_URL"
    : null;
}

const sharedSecret = z.string().superRefine((text, context) => {
  const problem =
    misplacedKey(text) ??
    (Buffer.byteLength(text) >= SECRET_MIN_BYTES ? null : `must have at least ${SECRET_MIN_BYTES} bytes`);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

const publicKey = z.string().transform((text, context): KeyObject => {
  const fail = (message: string): never => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  // A private key contains the public one, but has no business on a server that only verifies.
  if (text.includes("PRIVATE KEY")) return fail("is a private key; give the public key that belongs to it");
  let key: KeyObject;
  try {
    // One line in an environment file: \n stands for the ends of lines.
    key = createPublicKey(text.replaceAll(String.raw`\n`, "\n"));
  } catch {
    return fail("must be a public key or a certificate in PEM (-----BEGIN PUBLIC KEY-----)");
  }
  if (algorithmsFor("public key", key).length === 0) {
    return fail("must be a key for RSA, Ed25519 or ECDSA with P-256, P-384 or P-521");
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < RSA_MIN_BITS ? fail(`must have at least ${RSA_MIN_BITS} bits`) : key;
});

const keySetUrl = z
  .url({
    protocol: /^https?$/,
    error: "must be an address such as https://host/.well-known/jwks.json",
    // Whatever comes after it takes it for an address.
    abort: true,
  })
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === "" && password === "";
  }, "must not contain a password");

/** Environment variables that say who is believed to be whom. */
export const identityVariables = {
  AUTH_MODE: wordOf(["none", "jwt"]).optional().meta({
    description:
      "none: the user_id that a client names is believed; jwt: a client proves who it is with a signed token",
    default: "none",
  }),
  AUTH_JWT_SECRET: optional(sharedSecret, {
    description: `Secret that tokens are signed with (HS256, HS384, HS512), at least ${SECRET_MIN_BYTES} bytes`,
    secret: true,
  }),
  AUTH_JWT_PUBLIC_KEY: optional(publicKey, {
    description:
      "Public key that verifies tokens (RS, PS, ES, EdDSA), in PEM; \\n may stand for the ends of lines",
  }),
  AUTH_JWKS_URL: optional(keySetUrl, {
    description: "Where the public keys that verify tokens are published (JWKS); they may rotate",
  }),
  AUTH_JWT_ALGORITHMS: list(wordOf(TOKEN_ALGORITHMS), {
    description: "Signature algorithms that are accepted; by default all that fit the key",
    max: TOKEN_ALGORITHMS.length,
  }),
  AUTH_JWT_ISSUER: optional(z.string().max(1_000), { description: "Issuer (iss) that tokens must name" }),
  AUTH_JWT_AUDIENCE: optional(z.string().max(1_000), {
    description: "Audience (aud) that tokens must name",
  }),
  AUTH_JWT_USER_CLAIM: z.string().min(1).max(200).default(SUBJECT_CLAIM).meta({
    description: "Claim of a token that says who the user is",
    default: SUBJECT_CLAIM,
  }),
} as const;

const identitySchema = z.object(identityVariables);
export type IdentityConfig = Readonly<z.infer<typeof identitySchema>>;

/** What tokens must be like. */
export interface TokenRules {
  readonly key:
    | { readonly kind: "secret"; readonly secret: Uint8Array }
    | { readonly kind: "public key"; readonly publicKey: KeyObject }
    | { readonly kind: "key set"; readonly url: URL };
  readonly algorithms: readonly TokenAlgorithm[];
  readonly issuer: string | null;
  readonly audience: string | null;
  /** Name of the claim that says who the user is. */
  readonly userClaim: string;
}

function keyOf(config: IdentityConfig): TokenRules["key"] | null {
  if (config.AUTH_JWT_SECRET !== undefined) {
    return { kind: "secret", secret: Buffer.from(config.AUTH_JWT_SECRET) };
  }
  if (config.AUTH_JWT_PUBLIC_KEY !== undefined) {
    return { kind: "public key", publicKey: config.AUTH_JWT_PUBLIC_KEY };
  }
  if (config.AUTH_JWKS_URL !== undefined) return { kind: "key set", url: new URL(config.AUTH_JWKS_URL) };
  return null;
}

const fitting = (key: TokenRules["key"]): readonly TokenAlgorithm[] =>
  algorithmsFor(key.kind satisfies KeyKind, key.kind === "public key" ? key.publicKey : undefined);

/** @returns null when tokens are not verified. The configuration has passed `checkIdentity`. */
export function tokenRules(config: IdentityConfig): TokenRules | null {
  const key = config.AUTH_MODE === "jwt" ? keyOf(config) : null;
  if (key === null) return null;
  const chosen = config.AUTH_JWT_ALGORITHMS;
  return {
    key,
    algorithms: chosen.length > 0 ? chosen : fitting(key),
    issuer: config.AUTH_JWT_ISSUER ?? null,
    audience: config.AUTH_JWT_AUDIENCE ?? null,
    userClaim: config.AUTH_JWT_USER_CLAIM,
  };
}

const KEYS = ["AUTH_JWT_SECRET", "AUTH_JWT_PUBLIC_KEY", "AUTH_JWKS_URL"] as const;

/** What must be true of these variables together. */
export function checkIdentity(config: IdentityConfig, context: z.RefinementCtx): void {
  const refuse = (name: keyof IdentityConfig, message: string): void =>
    context.addIssue({ code: "custom", path: [name], message });
  const given = KEYS.filter((name) => config[name] !== undefined);
  if (config.AUTH_MODE !== "jwt") {
    const [first] = given;
    if (first !== undefined)
      refuse(first, "only has a meaning with AUTH_MODE=jwt; without it nothing is verified");
    return;
  }
  if (given.length !== 1) {
    refuse("AUTH_MODE", `jwt needs one of ${KEYS.join(", ")}, and exactly one`);
    return;
  }
  const key = keyOf(config);
  if (key === null) return;
  const wrong = config.AUTH_JWT_ALGORITHMS.filter((name) => !fitting(key).includes(name));
  if (wrong.length > 0) {
    refuse("AUTH_JWT_ALGORITHMS", `${wrong.join(", ")} cannot be verified with a ${key.kind} as given`);
  }
}
