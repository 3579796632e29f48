import { CommandError } from "../command-error.ts";
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import type { Context } from "../context.ts";

/** As the gateway asks of AUTH_JWT_SECRET. */
const SECRET_MIN_BYTES = 32;
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

export interface TokenCreateOptions {
  readonly user: string;
  readonly expires: string;
  readonly topics?: readonly string[];
  readonly wallets?: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
}

function secretOf({ env }: Context): Uint8Array {
  const secret = new TextEncoder().encode(env["AUTH_JWT_SECRET"] ?? "");
  if (secret.length < SECRET_MIN_BYTES)
    throw new CommandError(
      `AUTH_JWT_SECRET must hold the secret of the gateways, ${SECRET_MIN_BYTES} bytes at least; for development: openssl rand -hex 32`,
    );
  return secret;
}

function lifetime(text: string): number {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (number === undefined) throw new CommandError(`--expires: 30s, 15m, 12h or 7d, not ${text}`);
  return Number(number) * SECONDS[unit as keyof typeof SECONDS];
}

/** A token for development: in production an identity provider or your back end signs them. */
export async function createToken(context: Context, options: TokenCreateOptions): Promise<void> {
  const secret = secretOf(context);
  const now = Math.floor(Date.now() / 1_000);
  const token = new SignJWT({
    ...(options.topics === undefined ? {} : { topics: options.topics }),
    ...(options.wallets === undefined ? {} : { wallets: options.wallets }),
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(options.user)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime(options.expires));
  if (options.issuer !== undefined) token.setIssuer(options.issuer);
  if (options.audience !== undefined) token.setAudience(options.audience);
  context.write(`${await token.sign(secret)}\n`);
}

const time = (seconds: unknown): string =>
  typeof seconds === "number" ? new Date(seconds * 1_000).toISOString() : "never";

/** Says what a token holds; with AUTH_JWT_SECRET set, also whether the gateways would believe it. */
export async function inspectToken(context: Context, token: string): Promise<void> {
  const read = () => {
    try {
      return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
    } catch {
      throw new CommandError("That is no token: a token has three parts with dots between them.");
    }
  };
  const { header, claims } = read();
  const expired = typeof claims.exp === "number" && claims.exp * 1_000 <= Date.now();
  context.write(
    `user       ${claims.sub ?? "none: the gateway refuses it"}\n` +
      `expires    ${time(claims.exp)}${expired ? ", which is past" : ""}\n` +
      `algorithm  ${header.alg ?? "none"}\n` +
      `claims     ${JSON.stringify(claims)}\n`,
  );
  if (context.env["AUTH_JWT_SECRET"] === undefined) {
    context.write("signature  not checked: AUTH_JWT_SECRET is not set\n");
    return;
  }
  const why = await jwtVerify(token, secretOf(context), { algorithms: ["HS256", "HS384", "HS512"] }).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  context.write(`signature  ${why === null ? "good" : `refused: ${why}`}\n`);
  if (why !== null) throw new CommandError("A gateway with this AUTH_JWT_SECRET refuses the token.");
}
