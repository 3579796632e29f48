import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handshake } from "../testing/raw-socket.ts";
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

/** What a signature cannot hide is refused before the upgrade; what only the key can tell, right after it. */
const REFUSED: readonly (readonly [
  name: string,
  make: () => Promise<string>,
  http: number,
  close: number,
])[] = [
  ["without a signature (alg none)", () => Promise.resolve(forge({ alg: "none" }, claims)), 401, 3500],
  [
    "without a signature, as if it had one",
    () => Promise.resolve(forge({ alg: "RS256" }, claims)),
    101,
    3500,
  ],
  [
    "signed with the public key as a secret",
    () => sign(claims, { alg: "HS256", key: Buffer.from(publicPem(keys.publicKey)) }),
    401,
    3500,
  ],
  ["signed with some secret", () => sign(claims, { alg: "HS256", key: Buffer.from(SECRET) }), 401, 3500],
  ["signed with another key", () => sign(claims, { alg: "RS256", key: rsaKeys().privateKey }), 101, 3500],
  [
    "signed with a key of another kind",
    () => sign(claims, { alg: "ES256", key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }),
    401,
    3500,
  ],
  [
    "whose claims were changed after it was signed",
    async () => {
      const [header, , signature] = (await signed()).split(".");
      const payload = Buffer.from(JSON.stringify({ ...claims, sub: "admin" })).toString("base64url");
      return [header, payload, signature].join(".");
    },
    101,
    3500,
  ],
  ["that has expired", () => signed({ exp: past() }), 401, 3005],
  ["that is not valid yet", () => signed({ nbf: past() + 3_600 }), 401, 3500],
  ["for another audience", () => signed({ aud: "billing" }), 401, 3500],
  ["for no audience", () => signed({ aud: undefined }), 401, 3500],
  ["of another issuer", () => signed({ iss: "evil" }), 401, 3500],
  ["of nobody", () => signed({ sub: undefined }), 401, 3500],
];

describe.each(REFUSED.filter(([, , http]) => http === 401))("a token %s", (_, make) => {
  it("is refused before the upgrade", async () => {
    const { url } = await start();
    const { status, body } = await handshake(`${url}?token=${await make()}`);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toEqual({ code: "bad_token", message: expect.stringContaining("refused") });
  });
});

describe.each(REFUSED.filter(([, , http]) => http === 101))("a token %s", (_, make, _http, code) => {
  it("closes the connection before anything is said", async () => {
    const { open } = await start();
    const client = await open(`token=${await make()}`);
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toEqual([]);
  });
});

describe.each(REFUSED)("a token %s", (_, make, _http, code) => {
  it("does not get in with the first frame", async () => {
    const { open } = await start();
    const client = await open();
    client.send({ type: "auth", data: { token: await make() } });
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toEqual([]);
  });
});

describe("a user_id that contradicts the token", () => {
  it("is refused before the upgrade, or with the first frame", async () => {
    const { url, open, client } = await start();
    const token = await signed();
    const { status, body } = await handshake(`${url}?user_id=you&token=${token}`);
    expect([status, JSON.parse(body)]).toMatchObject([401, { code: "bad_token" }]);
    const other = await open("user_id=you");
    other.send({ type: "auth", data: { token } });
    expect(await other.closed).toEqual({ code: 3500, reason: "invalid token: user_id is another user's" });
    expect(other.frames).toEqual([]);
    await client(`user_id=me&token=${token}`);
  });
});
