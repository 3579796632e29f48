import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";
import { expect, it } from "vitest";

/** What the product promises for the browser: 7 KiB. */
const MAX_GZIPPED_BYTES = 7 * 1_024;

const bundle = (options: BuildOptions) =>
  build({
    entryPoints: [fileURLToPath(new URL("index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: "browser",
    target: "es2022",
    ...options,
  });

it("is small, and made of nothing but itself", async () => {
  const { outputFiles, metafile } = await bundle({ format: "esm" });
  const bytes = gzipSync(outputFiles?.[0]?.contents ?? new Uint8Array(), { level: 9 }).byteLength;
  process.stdout.write(`browser bundle: ${bytes} bytes gzipped\n`);
  expect(bytes).toBeLessThanOrEqual(MAX_GZIPPED_BYTES);
  expect(bytes).toBeGreaterThan(1_000);
  expect(Object.values(metafile?.outputs ?? {}).flatMap(({ imports }) => imports)).toEqual([]);
  expect(Object.keys(metafile?.inputs ?? {}).filter((file) => !/^src\/[a-z-]+\.ts$/.test(file))).toEqual([]);
});

it("loads where there is nothing but the language, and says what it misses", async () => {
  const { outputFiles } = await bundle({ format: "iife", globalName: "commcoin" });
  const result: unknown = runInNewContext(
    `${outputFiles?.[0]?.text}; try { commcoin.createClient({ url: "ws://x/ws" }) } catch (error) { error.message }`,
    {},
  );
  expect(result).toMatch(/No global WebSocket/);
});
