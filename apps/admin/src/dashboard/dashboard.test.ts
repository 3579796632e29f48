import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestApp } from "../testing/app.ts";

const FIRST_LOAD_MAX_BYTES = 60 * 1024;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "commcoin-ui-"));
  // As `pnpm build` does; the test runner's own value would have development code built in.
  vi.stubEnv("NODE_ENV", "production");
  await build({ logLevel: "silent", build: { outDir: folder } });
  vi.unstubAllEnvs();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const openApp = async (env = {}) => (await createTestApp(env, { uiFolder: folder })).app;

describe("the dashboard", () => {
  it(`weighs at most ${FIRST_LOAD_MAX_BYTES} bytes, all that a first visit loads`, async () => {
    const app = await openApp();
    const assets = (await readdir(join(folder, "assets"))).filter((name) => !name.endsWith(".gz"));
    const answers = await Promise.all(
      ["/", ...assets.map((name) => `/assets/${name}`)].map((url) =>
        app.inject({ url, headers: { "accept-encoding": "gzip, deflate, br" } }),
      ),
    );
    expect(answers.map(({ headers }) => headers["content-encoding"])).toEqual([
      undefined,
      ...assets.map(() => "gzip"),
    ]);
    const sizes = answers.map(({ rawPayload }) => rawPayload.byteLength);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    process.stdout.write(`first load of the dashboard: ${bytes} bytes\n`);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES);
  });

  it("sends what is compressed to those only who take it", async () => {
    const app = await openApp();
    const [script = ""] = /\/assets\/[^"]+\.js/.exec((await app.inject("/")).body) ?? [];
    const plain = await app.inject({ url: script, headers: { "accept-encoding": "identity" } });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const packed = await app.inject({ url: script, headers: { "accept-encoding": "gzip" } });
    expect(packed.headers["content-type"]).toBe(plain.headers["content-type"]);
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  });

  it("has nothing inline and nothing of other hosts", async () => {
    const html = await readFile(join(folder, "index.html"), "utf8");
    expect(html).not.toMatch(/https?:\/\/|<style|style=|<script(?![^>]* src=)|\son\w+=/);
  });

  it.each([
    "/",
    "/market",
    "/market/abc",
    "/topics",
    "/topics/user%3Aa",
    "/connections",
    "/publish",
    "/listener",
  ])("is there at %s, under a strict policy", async (url) => {
    const app = await openApp();
    const { statusCode, headers, body } = await app.inject({ url, headers: { host: "localhost:8081" } });
    expect([statusCode, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers["content-security-policy"]).toContain("connect-src 'self' ws://localhost:8080 ");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["cache-control"]).toBe("no-cache");
    expect(body).toContain('<meta name="gateway-port" content="8080" />');
  });

  it("serves its assets for good, and no other file", async () => {
    const app = await openApp();
    const { body } = await app.inject("/");
    const [script = ""] = /\/assets\/[^"]+\.js/.exec(body) ?? [];
    const asset = await app.inject(script);
    expect(asset.statusCode).toBe(200);
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    for (const url of [
      "/assets/",
      "/assets/none.js",
      "/assets/..%2findex.html",
      "/assets/../../package.json",
      "/nowhere",
    ])
      expect((await app.inject(url)).statusCode).toBe(404);
  });

  it("is told where the gateway is", async () => {
    const app = await openApp({ DASHBOARD_GATEWAY_URL: 'wss://ws.example.com/ws?a="<b>&c' });
    const { body, headers } = await app.inject("/");
    expect(body).toContain('content="wss://ws.example.com/ws?a=&quot;&lt;b>&amp;c"');
    expect(headers["content-security-policy"]).toContain("connect-src 'self' wss://ws.example.com;");
  });

  it("leads to the description of the API where it was not built", async () => {
    const { app } = await createTestApp({}, { uiFolder: null });
    const { statusCode, headers } = await app.inject("/");
    expect([statusCode, headers["location"]]).toEqual([302, "/docs"]);
  });
});
