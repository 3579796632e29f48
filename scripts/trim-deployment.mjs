// Takes out of a deployed folder what does not run in it: native binaries for other machines and other Nodes, TypeScript,
// tests, and source maps of others' code. `node trim-deployment.mjs <folder>` does so for this machine and this Node.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Node's ABI, by which native binaries are named. */
export const ABI = { 20: "115", 22: "127", 24: "137" };

/** `uws_linux_x64_115.node`, and those of packages that bring one binary for every Node in a folder for each machine. */
const NATIVE = /(?:^|\/)uws_(\w+?)_(\w+)_(\d+)\.node$/;
const PREBUILT = /\/prebuilds\/([^/]+)\//;
const UNUSED =
  /\.[cm]?tsx?$|\.test\.[cm]?js$|\.tsbuildinfo$|\/(?:\.modules\.yaml|\.pnpm-workspace-state-v1\.json)$/;

/** @returns the native binaries of the WebSocket server that are left. */
export async function trimDeployment(
  folder,
  { platform = process.platform, arch = process.arch, abi = process.versions.modules } = {},
) {
  const kept = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const [, forPlatform, forArch, forAbi] = NATIVE.exec(path) ?? [];
    const [, machine] = PREBUILT.exec(path) ?? [];
    const isNative = forPlatform !== undefined;
    const isForeign = isNative
      ? forPlatform !== platform || forArch !== arch || forAbi !== abi
      : machine !== undefined && machine !== `${platform}-${arch}`;
    const isMap = path.endsWith(".map") && !path.includes("/@commcoin/");
    if (isForeign || isMap || UNUSED.test(path)) await rm(path);
    else if (isNative) kept.push(path);
  }
  return kept;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await trimDeployment(process.argv[2] ?? ".");
