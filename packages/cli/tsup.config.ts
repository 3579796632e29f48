import { defineConfig } from "tsup";

/** Workspace packages go into the bundle, from their sources, so that the packed command installs from the registry alone. */
export default defineConfig({
  entry: ["src/main.ts", "src/program.ts"],
  format: ["esm"],
  target: "node20",
  platform: "node",
  clean: true,
  silent: true,
  noExternal: [/^@commcoin\//],
  esbuildOptions(options) {
    options.conditions = ["@commcoin/source"];
  },
});
