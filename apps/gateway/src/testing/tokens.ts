import type { Clock } from "@commcoin/service/lifecycle";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT, type JWTPayload } from "jose";
import { onTestFinished } from "vitest";

export const SECRET = "a secret that only tests know, long enough for SHA-512 to be content";
export const secretKey = Buffer.from(SECRET);

/** Signs claims as they are; `header` adds to `{ alg }` or changes it. */
export const sign = (
  claims: JWTPayload,
  {
    key = secretKey,
    alg = "HS256",
    ...header
  }: { key?: KeyObject | Uint8Array; alg?: string; kid?: string } = {},
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);

/** A token by hand, for what no library would sign. */
export const forge = (header: object, claims: object, signature = ""): string =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .concat(signature)
    .join(".");

export const publicPem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

export const rsaKeys = () => generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** A clock that runs, and that a test can set forward or back. */
export function settableClock(): Clock & { wallShiftMs: number; passedMs: number } {
  return {
    wallShiftMs: 0,
    passedMs: 0,
    now() {
      return Date.now() + this.wallShiftMs + this.passedMs;
    },
    monotonic() {
      return performance.now() + this.passedMs;
    },
  };
}

/** An identity provider that publishes keys. */
export interface KeyServer {
  readonly url: string;
  readonly fetches: number;
  /** What it answers: a set of keys, any other text, or null for an error. */
  answer: object | string | null;
}

export async function startKeyServer(): Promise<KeyServer> {
  let fetches = 0;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const provider: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    get fetches() {
      return fetches;
    },
    answer: { keys: [] },
  };
  server.on("request", (_request, response) => {
    const { answer } = provider;
    fetches += 1;
    response.statusCode = answer === null ? 500 : 200;
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  return provider;
}

/** The public half of a key as it stands in a set of keys. */
export const published = (key: KeyObject, kid?: string): object => ({
  ...key.export({ format: "jwk" }),
  ...(kid === undefined ? {} : { kid }),
});
