import { serviceBuild } from "@commcoin/tsconfig/tsup";

export default serviceBuild({
  config: "src/config.ts",
  index: "src/index.ts",
  main: "src/main.ts",
  parts: "src/parts.ts",
  // The thread that reads blocks is started from this file.
  "block-worker": "src/blocks/block-worker.ts",
});
