import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { expect, it } from "vitest";

it("runs where there is no Node: in a context that has nothing but the language", async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("index.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "protocol",
  });
  const frame = '{"type":"pong","data":{}}';
  const parsed: unknown = runInNewContext(
    `${outputFiles[0]?.text}; JSON.stringify(protocol.downFrame.parse(JSON.parse(${JSON.stringify(frame)})))`,
    {},
  );
  expect(parsed).toBe(frame);
});
