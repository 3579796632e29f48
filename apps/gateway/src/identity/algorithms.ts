import type { KeyObject } from "node:crypto";

const HMAC = ["HS256", "HS384", "HS512"] as const;
const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const;
const EDWARDS = ["EdDSA", "Ed25519"] as const;
const CURVES = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" } as const;

/** Signature algorithms of tokens (RFC 7518, section 3.1; RFC 8037; RFC 9864) that can be allowed at all. `none` is not among them. */
export const TOKEN_ALGORITHMS = [...HMAC, ...RSA, ...Object.values(CURVES), ...EDWARDS] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** What signatures are checked with. */
export type KeyKind = "secret" | "public key" | "key set";

/**
 * The algorithms that make sense with a key. A secret is never used as a public key nor the other way round, so that
 * nobody can sign with what everybody knows.
 */
export function algorithmsFor(kind: KeyKind, publicKey?: KeyObject): readonly TokenAlgorithm[] {
  if (kind === "secret") return HMAC;
  if (kind === "key set") return [...RSA, ...Object.values(CURVES), ...EDWARDS];
  switch (publicKey?.asymmetricKeyType) {
    case "rsa":
      return RSA;
    case "rsa-pss":
      return RSA.filter((name) => name.startsWith("PS"));
    case "ed25519":
      return EDWARDS;
    case "ec": {
      const curve = publicKey.asymmetricKeyDetails?.namedCurve ?? "";
      return curve in CURVES ? [CURVES[curve as keyof typeof CURVES]] : [];
    }
    default:
      return [];
  }
}
