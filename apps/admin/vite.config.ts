import { gzipSync } from "node:zlib";
import { preact } from "@preact/preset-vite";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

/** Puts a compressed copy beside each file, which the server sends to browsers that take it: to all. */
const compress: Plugin = {
  name: "compress",
  apply: "build",
  generateBundle(_options, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (name.endsWith(".html")) continue;
      const source = gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 });
      this.emitFile({ type: "asset", fileName: `${name}.gz`, source });
    }
  },
};

/** The dashboard, in one script and one style sheet: it goes on when the server that it came from is replaced. */
export default defineConfig({
  root: "ui",
  plugins: [preact(), compress],
  resolve: { conditions: ["@commcoin/source", ...defaultClientConditions] },
  build: {
    outDir: "../dist/ui",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    // Everything is a file of its own: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
  },
});
