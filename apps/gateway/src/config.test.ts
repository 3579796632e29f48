import { ConfigError, loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { generateKeyPairSync } from "node:crypto";
import { gatewayConfig } from "./config.ts";
import { publicPem, rsaKeys, SECRET } from "./testing/tokens.ts";

const problems = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(gatewayConfig, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
};

describe("configuration", () => {
  it("needs nothing", () => {
    expect(loadConfig(gatewayConfig, {})).toMatchObject({
      SERVER_ID: expect.stringMatching(/^server-[0-9a-f]{8}$/),
      WEBSOCKET_PORT: 8080,
      WEBSOCKET_MAX_CONNECTIONS: 10_000,
      WEBSOCKET_HEARTBEAT_INTERVAL: 30,
      WEBSOCKET_CONNECTS_PER_SECOND: 5_000,
      WEBSOCKET_ALLOWED_ORIGINS: [],
      TRUSTED_PROXIES: [],
      WEBSOCKET_MAX_SUBSCRIPTIONS: 128,
      WEBSOCKET_MAX_FRAME_BYTES: 65_536,
      WEBSOCKET_FRAMES_PER_SECOND: 50,
      WEBSOCKET_MAX_BACKPRESSURE_BYTES: 1_048_576,
      WEBSOCKET_EXTRA_TOPICS: [],
      SHUTDOWN_DRAIN_SECONDS: 10,
    });
  });

  it("wants the authentication mode to be chosen in production", () => {
    expect(problems({ NODE_ENV: "production" })).toEqual([expect.stringMatching(/^AUTH_MODE: must be set/)]);
    expect(problems({ NODE_ENV: "production", AUTH_MODE: "none" })).toEqual([]);
  });

  it("takes no text for a secret that belongs into another variable", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pub = publicKey.export({ type: "spki", format: "pem" }).toString();
    const secrets: [string, string][] = [
      [pub, "AUTH_JWT_PUBLIC_KEY"],
      [pub.replaceAll("\n", String.raw`\n`), "AUTH_JWT_PUBLIC_KEY"],
      [Buffer.from(pub).toString("base64"), "AUTH_JWT_PUBLIC_KEY"],
      [privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "private key"],
      [`-----BEGIN CERTIFICATE-----\n${"A".repeat(64)}`, "AUTH_JWT_PUBLIC_KEY"],
      [`ssh-ed25519 ${"A".repeat(64)}`, "AUTH_JWT_PUBLIC_KEY"],
      [JSON.stringify(publicKey.export({ format: "jwk" })), "AUTH_JWKS_URL"],
      ["https://identity.example/.well-known/jwks.json", "AUTH_JWKS_URL"],
    ];
    for (const [secret, right] of secrets) {
      expect(problems({ AUTH_MODE: "jwt", AUTH_JWT_SECRET: secret })).toEqual([
        expect.stringMatching(new RegExp(`^AUTH_JWT_SECRET: .*${right}`)),
      ]);
    }
    expect(problems({ AUTH_MODE: "jwt", AUTH_JWT_SECRET: `BEGIN-${"a".repeat(40)}==` })).toEqual([]);
  });

  it("wants exactly one key for tokens, and algorithms that fit it", () => {
    const jwt = (env: Record<string, string>) => problems({ AUTH_MODE: "jwt", ...env });
    const { publicKey, privateKey } = rsaKeys();
    const pem = publicPem(publicKey);
    const one = "jwt needs one of AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL, and exactly one";
    expect(jwt({})).toEqual([`AUTH_MODE: ${one}`]);
    expect(jwt({ AUTH_JWT_SECRET: SECRET, AUTH_JWT_PUBLIC_KEY: pem })).toEqual([`AUTH_MODE: ${one}`]);
    expect(jwt({ AUTH_JWT_SECRET: SECRET })).toEqual([]);
    expect(jwt({ AUTH_JWT_PUBLIC_KEY: pem })).toEqual([]);
    expect(jwt({ AUTH_JWKS_URL: "https://id.example/keys" })).toEqual([]);
    expect(jwt({ AUTH_JWT_PUBLIC_KEY: pem, AUTH_JWT_ALGORITHMS: "RS256,HS256" })).toEqual([
      "AUTH_JWT_ALGORITHMS: HS256 cannot be verified with a public key as given",
    ]);
    expect(jwt({ AUTH_JWT_SECRET: SECRET, AUTH_JWT_ALGORITHMS: "none" })).toEqual([
      expect.stringMatching(/^AUTH_JWT_ALGORITHMS: must be one of/),
    ]);
    expect(problems({ AUTH_JWT_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^AUTH_JWT_SECRET: only has a meaning with AUTH_MODE=jwt/),
    ]);
    const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 });
    const wrong = {
      AUTH_JWT_SECRET: "sesame",
      AUTH_JWKS_URL: "https://user:sesame@id.example/keys",
      AUTH_JWT_PUBLIC_KEY: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
    expect(jwt(wrong)).toEqual([
      expect.stringContaining("AUTH_JWT_SECRET: must have at least 32 bytes"),
      expect.stringContaining("AUTH_JWT_PUBLIC_KEY: is a private key"),
      expect.stringContaining("AUTH_JWKS_URL: must not contain a password"),
    ]);
    expect(jwt(wrong).join()).not.toContain("sesame");
    for (const AUTH_JWKS_URL of ["id.example/keys", "/keys", "https://", "https://a b/keys"]) {
      expect(jwt({ AUTH_JWKS_URL })).toEqual([
        expect.stringMatching(/^AUTH_JWKS_URL: must be an address such as https:/),
      ]);
    }
    expect(jwt({ AUTH_JWT_PUBLIC_KEY: publicPem(weak.publicKey) })).toEqual([
      expect.stringContaining("2048 bits"),
    ]);
    for (const text of ["sesame", publicPem(generateKeyPairSync("x25519").publicKey)]) {
      expect(jwt({ AUTH_JWT_PUBLIC_KEY: text })).toEqual([
        expect.stringMatching(/^AUTH_JWT_PUBLIC_KEY: must be/),
      ]);
    }
  });

  it("refuses to run without a broker, and topics that the server joins itself", () => {
    expect(problems({ MESSAGE_BROKER_ENABLED: "false" })).toEqual([expect.stringContaining("standalone")]);
    expect(problems({ WEBSOCKET_EXTRA_TOPICS: "candles,user" })).toEqual([
      expect.stringContaining("must not name broadcast, server or user"),
    ]);
    expect(problems({ WEBSOCKET_EXTRA_TOPICS: "Candles", WEBSOCKET_HEARTBEAT_INTERVAL: "0" })).toHaveLength(
      2,
    );
  });
});
