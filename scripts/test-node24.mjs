// Runs on Node 24 what does not load the native WebSocket server, whose binary may be for another Node.
//   pnpm test:node24            all of it
//   pnpm test:node24 --small    what takes some seconds
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { provideNode24 } from "./node24.mjs";

/** Folders, each with arguments for vitest. */
const ALL = [
  ["packages/protocol"],
  ["packages/service"],
  ["packages/client"],
  ["packages/cli"],
  ["packages/localnet"],
  ["packages/broker"],
  ["apps/listener"],
  ["apps/admin"],
  ["apps/gateway", "--exclude=**/*.uws.test.ts", "--exclude=**/native-module.test.ts"],
];
const SMALL = [
  ["packages/protocol"],
  ["packages/client", "--exclude=**/*.uws.test.ts", "--exclude=**/{package,bundle}.test.ts"],
  ["packages/broker", "src/memory"],
  ["apps/listener", "src/decode"],
];

const node = provideNode24();
if (node === null) {
  process.stdout.write("No Node 24 for this machine: its tests are left out.\n");
  process.exit(0);
}
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
let failed = false;
for (const [folder, ...args] of process.argv.includes("--small") ? SMALL : ALL) {
  process.stdout.write(`${folder} on Node 24\n`);
  const { status } = spawnSync(node, [vitest, "run", ...args], {
    cwd: fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
    stdio: ["ignore", "inherit", "inherit"],
  });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
