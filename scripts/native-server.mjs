// The native WebSocket server that is chosen in pnpm-workspace.yaml must be made for the Node that is to run it: said here
// before the build, and by gateways before they listen.
import { readFileSync } from "node:fs";

const CATALOG = new URL("../pnpm-workspace.yaml", import.meta.url);
const LINE = /^ +"?uWebSockets\.js"?: *(\S+)$/m;
/** The build on npm has binaries for this Node only. */
const ON_NPM = { prefix: "npm:@trufflesuite/", major: "20" };
const OFFICIAL = "github:uNetworking/uWebSockets.js#v20.58.0";

/** @returns null, or one sentence about a native server that is not made for this Node. */
export function nativeServerProblem(
  version = process.versions.node,
  catalog = readFileSync(CATALOG, "utf8"),
) {
  const [, chosen = ""] = LINE.exec(catalog) ?? [];
  const [major] = version.split(".");
  if (!chosen.startsWith(ON_NPM.prefix) || major === ON_NPM.major) return null;
  return (
    `Node ${version} needs another build of the WebSocket server than the one for Node ${ON_NPM.major}: set ` +
    `\`uWebSockets.js: ${OFFICIAL}\` in pnpm-workspace.yaml and run \`pnpm install\` (docs/deployment.md says more), ` +
    `or use Node ${ON_NPM.major}.`
  );
}
