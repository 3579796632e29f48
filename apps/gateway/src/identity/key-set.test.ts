import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { recordLog } from "../testing/recorded-log.ts";
import { published, rsaKeys, settableClock, sign, startKeyServer } from "../testing/tokens.ts";
import { createTokenVerifier } from "./token-verifier.ts";

const [first, second] = [rsaKeys(), rsaKeys()];

const setUp = async () => {
  const provider = await startKeyServer();
  const clock = settableClock();
  const { logger, lines } = recordLog();
  const verifier = createTokenVerifier({
    rules: {
      key: { kind: "key set", url: new URL(provider.url) },
      algorithms: ["RS256"],
      issuer: null,
      audience: null,
      userClaim: "sub",
    },
    clock,
    log: logger,
    signal: new AbortController().signal,
  });
  const judge = async (privateKey = first.privateKey, kid?: string): Promise<string> => {
    const header = kid === undefined ? {} : { kid };
    const verdict = await verifier.verify(
      await sign({ sub: "u" }, { alg: "RS256", key: privateKey, ...header }),
    );
    return "failure" in verdict ? verdict.failure.kind : verdict.identity.userId;
  };
  return { provider, clock, verifier, judge, lines };
};

describe("published keys", () => {
  it("are fetched once, and again for a key that is not known, however many tokens name it", async () => {
    const { provider, clock, verifier, judge } = await setUp();
    provider.answer = { keys: [published(first.publicKey, "1")] };
    await verifier.start();
    expect(await Promise.all(Array.from({ length: 20 }, () => judge(first.privateKey, "1")))).toEqual(
      Array.from({ length: 20 }, () => "u"),
    );
    expect(provider.fetches).toBe(1);
    provider.answer = { keys: [published(first.publicKey, "1"), published(second.publicKey, "2")] };
    clock.passedMs += 60_000;
    expect(await Promise.all(Array.from({ length: 20 }, () => judge(second.privateKey, "2")))).toEqual(
      Array.from({ length: 20 }, () => "u"),
    );
    expect(provider.fetches).toBe(2);
    clock.passedMs += 60_000;
    expect(await judge(second.privateKey, "3")).toBe("invalid");
    expect(await judge(first.privateKey, "2")).toBe("invalid");
    expect(provider.fetches).toBe(3);
  });

  it("are not fetched again before a cool-down has passed; the tokens wait that long", async () => {
    const { provider, clock, verifier, judge } = await setUp();
    provider.answer = { keys: [published(first.publicKey, "1")] };
    await verifier.start();
    clock.passedMs += 4_500;
    provider.answer = { keys: [published(second.publicKey, "2")] };
    const waiting = Promise.all([judge(second.privateKey, "2"), judge(second.privateKey, "2")]);
    expect(await judge(first.privateKey, "1")).toBe("u");
    expect(provider.fetches).toBe(1);
    expect(await waiting).toEqual(["u", "u"]);
    expect(provider.fetches).toBe(2);
  });

  it("stay in use while they cannot be fetched, and are replaced when they can", async () => {
    const { provider, clock, verifier, judge, lines } = await setUp();
    provider.answer = { keys: [published(first.publicKey, "1")] };
    await verifier.start();
    const refreshKeys = async (): Promise<void> => {
      clock.passedMs += 3_600_000;
      verifier.refreshKeys();
      await verifier.start();
    };
    for (const broken of [null, "<html>", { keys: "none" }, "x".repeat(300_000)]) {
      provider.answer = broken;
      await refreshKeys();
      expect(await judge(first.privateKey, "1")).toBe("u");
      expect(verifier.problem()).toBeNull();
    }
    await eventually(() => expect(lines.filter((line) => line.includes('"level":"warn"'))).toHaveLength(1));
    provider.answer = { keys: [published(second.publicKey, "2")] };
    await refreshKeys();
    await eventually(() => expect(lines.filter((line) => line.includes('"level":"info"'))).toHaveLength(1));
    expect(await judge(second.privateKey, "2")).toBe("u");
    clock.passedMs += 60_000;
    expect(await judge(first.privateKey, "1")).toBe("invalid");
  });

  it("that are missing say nothing about a token, and keep the gateway from being ready", async () => {
    const { provider, clock, verifier, judge } = await setUp();
    provider.answer = null;
    await verifier.start();
    expect(verifier.problem()).toContain("AUTH_JWKS_URL");
    clock.passedMs += 60_000;
    expect(await judge(first.privateKey, "1")).toBe("unavailable");
    provider.answer = { keys: [published(first.publicKey, "1")] };
    clock.passedMs += 60_000;
    verifier.refreshKeys();
    await eventually(() => expect(verifier.problem()).toBeNull());
    expect(await judge(first.privateKey, "1")).toBe("u");
  });

  it("are all tried when a token names none", async () => {
    const { provider, verifier, judge } = await setUp();
    provider.answer = { keys: [published(first.publicKey), published(second.publicKey)] };
    await verifier.start();
    expect(await judge(second.privateKey)).toBe("u");
    expect(await judge(rsaKeys().privateKey)).toBe("invalid");
  });

  it("are never secrets", async () => {
    const { provider, verifier } = await setUp();
    const secret = Buffer.alloc(64, 7);
    provider.answer = { keys: [{ kty: "oct", kid: "1", k: secret.toString("base64url") }] };
    await verifier.start();
    const verdict = await verifier.verify(await sign({ sub: "u" }, { key: secret, kid: "1" }));
    expect(verdict).toMatchObject({ failure: { kind: "invalid" } });
  });
});
