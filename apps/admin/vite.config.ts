import { preact } from "@preact/preset-vite";
import { defaultClientConditions, defineConfig } from "vite";

/** The dashboard, in one script and one style sheet: it goes on when the server that it came from is replaced. */
export default defineConfig({
  root: "ui",
  plugins: [preact()],
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
