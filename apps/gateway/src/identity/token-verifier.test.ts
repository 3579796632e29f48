import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { gatewayConfig } from "../config.ts";
import { forge, publicPem, rsaKeys, SECRET, secretKey, sign } from "../testing/tokens.ts";
import { tokenRules } from "./identity-variables.ts";
import { createTokenVerifier, type Verdict } from "./token-verifier.ts";

const NOW_S = 1_700_000_000;

const verifierFor = (env: Record<string, string>) => {
  const rules = tokenRules(loadConfig(gatewayConfig, { AUTH_MODE: "jwt", ...env }));
  if (rules === null) throw new Error("no rules");
  const clock = { now: () => NOW_S * 1_000, monotonic: () => 0 };
  return createTokenVerifier({ rules, clock, log: silentLogger, signal: new AbortController().signal });
};
const withSecret = verifierFor({ AUTH_JWT_SECRET: SECRET });

const outcome = (verdict: Verdict): string =>
  "failure" in verdict ? verdict.failure.kind : verdict.identity.userId;
/** What both say; that they agree wherever both can know is part of the test. */
const judge = async (verifier: typeof withSecret, token: string) => ({
  inspected: outcome(verifier.inspect(token)),
  verified: outcome(await verifier.verify(token)),
});
const both = (result: string) => ({ inspected: result, verified: result });

describe("tokens", () => {
  it.each(["HS256", "HS384", "HS512"])("signed with a secret and %s are verified", async (alg) => {
    expect(await judge(withSecret, await sign({ sub: "u" }, { alg }))).toEqual(both("u"));
    const other = await sign({ sub: "u" }, { alg, key: Buffer.from(`${SECRET}!`) });
    expect(await judge(withSecret, other)).toEqual({ inspected: "u", verified: "invalid" });
  });

  it.each([
    ["RS256", generateKeyPairSync("rsa", { modulusLength: 2_048 })],
    ["PS512", generateKeyPairSync("rsa", { modulusLength: 2_048 })],
    ["ES256", generateKeyPairSync("ec", { namedCurve: "prime256v1" })],
    ["ES384", generateKeyPairSync("ec", { namedCurve: "secp384r1" })],
    ["ES512", generateKeyPairSync("ec", { namedCurve: "secp521r1" })],
    ["EdDSA", generateKeyPairSync("ed25519")],
    ["Ed25519", generateKeyPairSync("ed25519")],
  ])("signed with a private key and %s are verified", async (alg, { publicKey, privateKey }) => {
    const pem = publicPem(publicKey);
    const verifier = verifierFor({ AUTH_JWT_PUBLIC_KEY: pem.replaceAll("\n", String.raw`\n`) });
    expect(await judge(verifier, await sign({ sub: "u" }, { alg, key: privateKey }))).toEqual(both("u"));
    expect(await judge(verifier, await sign({ sub: "u" }))).toEqual(both("invalid"));
  });

  it("cannot be made up: no algorithm, the public key as a secret, unknown header, changed claims", async () => {
    const { publicKey, privateKey } = rsaKeys();
    const pem = publicPem(publicKey);
    const verifier = verifierFor({ AUTH_JWT_PUBLIC_KEY: pem });
    for (const alg of ["none", "None", "NONE", "", undefined, null, ["RS256"]]) {
      const token = forge({ alg }, { sub: "admin" });
      expect(await judge(verifier, token)).toEqual(both("invalid"));
      expect(await judge(withSecret, token)).toEqual(both("invalid"));
    }
    const unsigned = forge({ alg: "HS256" }, { sub: "admin" }).slice(0, -1);
    const mac = createHmac("sha256", pem).update(unsigned).digest("base64url");
    expect(await judge(verifier, `${unsigned}.${mac}`)).toEqual(both("invalid"));
    const good = await sign({ sub: "u" }, { alg: "RS256", key: privateKey });
    const [header, , signature] = good.split(".");
    const other = Buffer.from('{"sub":"admin"}').toString("base64url");
    expect((await judge(verifier, `${header}.${other}.${signature}`)).verified).toBe("invalid");
    expect((await judge(verifier, forge({ alg: "RS256" }, { sub: "admin" }))).verified).toBe("invalid");
    const critical = forge({ alg: "HS256", crit: ["x"], x: 1 }, { sub: "admin" });
    expect((await judge(withSecret, critical)).verified).toBe("invalid");
    const ownKey = forge({ alg: "RS256", jwk: publicKey.export({ format: "jwk" }) }, { sub: "admin" });
    expect((await judge(verifier, ownKey)).verified).toBe("invalid");
  });

  it.each(["", ".", "..", "a.b.c", "a.b.c.d.e", "x".repeat(20_000), `${"é".repeat(10)}..`])(
    "that are none are refused (%#)",
    async (token) => {
      expect(await judge(withSecret, token)).toEqual(both("invalid"));
    },
  );

  it("expire, and are not valid before their time; a few seconds are forgiven", async () => {
    const at = async (claims: object) => judge(withSecret, await sign({ sub: "u", ...claims }));
    expect(await at({ exp: NOW_S + 1 })).toEqual(both("u"));
    expect(await at({ exp: NOW_S - 4 })).toEqual(both("u"));
    expect(await at({ exp: NOW_S - 5 })).toEqual(both("expired"));
    expect(await at({ exp: NOW_S - 1e6 })).toEqual(both("expired"));
    expect(await at({ nbf: NOW_S + 5 })).toEqual(both("u"));
    expect(await at({ nbf: NOW_S + 6 })).toEqual(both("invalid"));
  });

  it("are for this issuer and this audience, when one is configured", async () => {
    const verifier = verifierFor({
      AUTH_JWT_SECRET: SECRET,
      AUTH_JWT_ISSUER: "https://id.example",
      AUTH_JWT_AUDIENCE: "realtime",
    });
    const claims = { sub: "u", iss: "https://id.example", aud: "realtime" };
    const of = async (changed: object) => judge(verifier, await sign({ ...claims, ...changed }));
    expect(await of({})).toEqual(both("u"));
    expect(await of({ aud: ["other", "realtime"] })).toEqual(both("u"));
    expect(await of({ aud: "other" })).toEqual(both("invalid"));
    expect(await of({ aud: undefined })).toEqual(both("invalid"));
    expect(await of({ iss: "https://id.example/" })).toEqual(both("invalid"));
    expect(await of({ iss: undefined })).toEqual(both("invalid"));
    expect(await of({ sub: "not a user" })).toEqual(both("invalid"));
  });

  it("may be limited to some algorithms", async () => {
    const verifier = verifierFor({ AUTH_JWT_SECRET: SECRET, AUTH_JWT_ALGORITHMS: "HS512" });
    expect(await judge(verifier, await sign({ sub: "u" }, { alg: "HS512" }))).toEqual(both("u"));
    expect(await judge(verifier, await sign({ sub: "u" }, { alg: "HS256" }))).toEqual(both("invalid"));
  });

  it("are not repeated when they are refused", async () => {
    const token = await sign({ sub: "somebody-else", secret_claim: "sesame" }, { key: Buffer.alloc(64, 1) });
    const verdict = JSON.stringify([await withSecret.verify(token), withSecret.inspect(`${token}.x`)]);
    expect(verdict).toContain("signature");
    expect(verdict).not.toMatch(new RegExp(`${token.slice(0, 10)}|somebody|sesame|${secretKey.toString()}`));
  });
});
