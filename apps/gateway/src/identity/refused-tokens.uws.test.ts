import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../testing/test-gateway.ts";
import { forge, publicPem, rsaKeys, SECRET, sign } from "../testing/tokens.ts";

const keys = rsaKeys();
const claims = { sub: "me", iss: "id", aud: "realtime" };
const signed = (changed: object = {}): Promise<string> =>
  sign({ ...claims, ...changed }, { alg: "RS256", key: keys.privateKey });
const past = (): number => Math.floor(Date.now() / 1_000) - 60;

const start = () =>
  startTestGateway({
    AUTH_MODE: "jwt",
    AUTH_JWT_PUBLIC_KEY: publicPem(keys.publicKey),
    AUTH_JWT_ISSUER: "id",
    AUTH_JWT_AUDIENCE: "realtime",
  });

const REFUSED: readonly (readonly [name: string, make: () => Promise<string>, close: number])[] = [
  ["without a signature (alg none)", () => Promise.resolve(forge({ alg: "none" }, claims)), 3500],
  ["without a signature, as if it had one", () => Promise.resolve(forge({ alg: "RS256" }, claims)), 3500],
  [
    "signed with the public key as a secret",
    () => sign(claims, { alg: "HS256", key: Buffer.from(publicPem(keys.publicKey)) }),
    3500,
  ],
  ["signed with some secret", () => sign(claims, { alg: "HS256", key: Buffer.from(SECRET) }), 3500],
  ["signed with another key", () => sign(claims, { alg: "RS256", key: rsaKeys().privateKey }), 3500],
  [
    "signed with a key of another kind",
    () => sign(claims, { alg: "ES256", key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }),
    3500,
  ],
  [
    "whose claims were changed after it was signed",
    async () => {
      const [header, , signature] = (await signed()).split(".");
      const payload = Buffer.from(JSON.stringify({ ...claims, sub: "admin" })).toString("base64url");
      return [header, payload, signature].join(".");
    },
    3500,
  ],
  ["that has expired", () => signed({ exp: past() }), 3005],
  ["that is not valid yet", () => signed({ nbf: past() + 3_600 }), 3500],
  ["for another audience", () => signed({ aud: "billing" }), 3500],
  ["for no audience", () => signed({ aud: undefined }), 3500],
  ["of another issuer", () => signed({ iss: "evil" }), 3500],
  ["of nobody", () => signed({ sub: undefined }), 3500],
];

describe.each(REFUSED)("a token %s", (_, make, code) => {
  const why = {
    type: "error",
    data: {
      code: code === 3005 ? "token_expired" : "unauthorized",
      message: expect.stringMatching(/^token: .{10}/) as unknown,
    },
  };

  it("closes the connection with a reason, and nothing else is said", async () => {
    const { open } = await start();
    const client = await open(`token=${await make()}`);
    expect(await client.closed).toMatchObject({ code, reason: expect.stringContaining("token") });
    expect(client.frames).toEqual([why]);
  });

  it("does not get in with the first frame", async () => {
    const { open } = await start();
    const client = await open();
    client.send({ type: "auth", id: 7, data: { token: await make() } });
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toEqual([{ ...why, id: 7 }]);
  });
});

describe("a user_id that contradicts the token", () => {
  it("is not allowed, in the URL or with the first frame", async () => {
    const { open, client } = await start();
    const token = await signed();
    const inUrl = await open(`user_id=you&token=${token}`);
    const inFrame = await open("user_id=you");
    inFrame.send({ type: "auth", data: { token } });
    for (const other of [inUrl, inFrame]) {
      expect(await other.closed).toMatchObject({ code: 3507, reason: expect.stringContaining("user_id") });
      expect(other.frames).toMatchObject([
        { type: "error", data: { code: "forbidden", message: expect.stringContaining("user_id") } },
      ]);
    }
    await client(`user_id=me&token=${token}`);
  });
});
