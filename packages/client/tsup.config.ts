import { defineConfig } from "tsup";

/** For browsers and Node alike; nothing of it depends on another package. */
export default defineConfig({
  entry: ["src/index.ts", "src/storage.ts", "src/react.ts"],
  format: ["esm"],
  target: "es2022",
  platform: "neutral",
  external: ["react"],
  sourcemap: true,
  clean: true,
  silent: true,
  // TypeScript 6 deprecates an option that tsup sets by itself.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
