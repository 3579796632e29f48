import { defineConfig } from "tsup";

const common = {
  format: ["esm"],
  target: "node20",
  platform: "node",
  sourcemap: true,
  splitting: true,
  clean: true,
  silent: true,
};

/** Libraries ship type declarations. TypeScript 6 deprecates an option that tsup sets by itself. */
export const packageBuild = (entry) =>
  defineConfig({ ...common, entry, dts: { compilerOptions: { ignoreDeprecations: "6.0" } } });

/** Applications ship code only; workspace packages stay external, so that an image holds one copy of each. */
export const appBuild = (entry) => defineConfig({ ...common, entry, dts: false });

/**
 * Services check their Node before anything of theirs is evaluated: what they import from files of their own would come
 * first otherwise, wherever the import stands.
 */
export const serviceBuild = (entry) =>
  defineConfig({
    ...common,
    entry,
    dts: false,
    banner: { js: 'import "@commcoin/service/supported-node";' },
  });
