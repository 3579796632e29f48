import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The release before this one: what runs at the moment somebody upgrades. To be moved on with every release. */
export const PREVIOUS = { version: "0.1.0", commit: "46703c5e13dfd99ef22cb8243047793772da1ede" } as const;

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Whether the history of this clone reaches back to it. */
export function isPreviousKnown(): boolean {
  try {
    execFileSync("git", ["cat-file", "-e", `${PREVIOUS.commit}^{commit}`], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Installs the sources of the previous release, once.
 * @returns its folder.
 */
export function installPrevious(): string {
  const folder = `${ROOT}/node_modules/.cache/releases/${PREVIOUS.commit}`;
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const archive = execFileSync("git", ["archive", PREVIOUS.commit], {
    cwd: ROOT,
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync("tar", ["x"], { cwd: unfinished, input: archive });
  // Not part of this workspace: it has a lock file of its own.
  execFileSync("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], {
    cwd: unfinished,
    stdio: "pipe",
  });
  renameSync(unfinished, folder);
  return folder;
}
