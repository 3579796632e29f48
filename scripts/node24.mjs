// Where there is a Node 24, for tests that are to hold on it as well.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const VERSION = "24.22.3";
const FOLDER = fileURLToPath(new URL(`../node_modules/.cache/node-${VERSION}/`, import.meta.url));

/**
 * Finds a Node 24: this one, or the binary that comes from npm for Linux.
 * @returns its path, or null where there is none for this machine, or it could not be had.
 */
export function provideNode24() {
  if (process.versions.node.startsWith("24.")) return process.execPath;
  if (process.platform !== "linux") return null;
  const name = `node-linux-${process.arch}`;
  const binary = `${FOLDER}node_modules/${name}/bin/node`;
  if (existsSync(binary)) return binary;
  const install = [
    "install",
    "--prefix",
    FOLDER,
    "--no-save",
    "--no-audit",
    "--no-fund",
    `${name}@${VERSION}`,
  ];
  spawnSync("npm", install, { stdio: ["ignore", "ignore", "inherit"] });
  return existsSync(binary) ? binary : null;
}
