import { createHmac } from "node:crypto";

/** What the gateway of the scene with tokens verifies them with. */
export const TOKEN_SECRET = "the secret of the scene, as long as HS512 wants it: sixty-four bytes and more";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with any header and claims, signed with some secret. */
export function token(
  claims: object,
  { secret = TOKEN_SECRET, header = {} }: { readonly secret?: string; readonly header?: object } = {},
): string {
  const signed = `${part({ alg: "HS256", ...header })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** The same without a signature. */
export const unsigned = (claims: object, header: object): string => `${part(header)}.${part(claims)}.`;
